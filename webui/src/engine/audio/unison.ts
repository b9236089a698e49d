/** A voice that sounds for several players. */
export interface Lead {
  /** Releases it at a time on the context's clock, seconds. */
  end(when: number): void
  /** Sounds it at another level from its beginning on. */
  setLevel(level: number): void
  /** Called once it is another player's too: no single seat owns it then. */
  share(): void
}

/** The voice of one of the players. */
interface Share {
  end(when: number): void
}

interface Together {
  readonly lead: Lead
  /** When it begins, seconds. */
  readonly when: number
  /** The sum of the squared levels of its players, and the level that it sounds at. */
  power: number
  level: number
  /** How many players still hold it, and when the last of the others lets go. */
  held: number
  until: number
}

/** Notes that begin within it begin together, seconds. Nobody hears a smaller difference. */
const TOGETHER_S = 0.003
/** A voice is made louder in steps of this factor, about 2 dB: each step costs as much as a tenth of a voice. */
const STEP = 1.25

/**
 * Equal notes of one moment share one voice: a class that claps the beat costs a device one voice instead of
 * forty. Its loudness is that of so many players who are never quite together: it grows with the square root
 * of their number.
 */
export class Unison {
  readonly #begun = new Map<string, Together>()

  /** Returns a share in the voice of an equal note that begins together with this one; null if there is none. */
  join(sound: string, when: number, level: number): Share | null {
    const found = this.#begun.get(sound)
    if (!found || found.held === 0 || Math.abs(found.when - when) > TOGETHER_S) return null
    found.held++
    found.power += level * level
    found.lead.share()
    const wanted = Math.sqrt(found.power)
    if (wanted >= STEP * found.level) {
      found.level = wanted
      found.lead.setLevel(wanted)
    }
    return share(found)
  }

  /** Keeps a voice that begins, so that equal notes may join it. */
  open(sound: string, when: number, level: number, lead: Lead): Share {
    const begun = { lead, when, power: level * level, level, held: 1, until: 0 }
    this.#begun.set(sound, begun)
    return share(begun)
  }

  /** Forgets what no note can join any more. now is on the context's clock, seconds. */
  sweep(now: number): void {
    for (const [sound, { when }] of this.#begun) if (when < now - TOGETHER_S) this.#begun.delete(sound)
  }
}

/** Returns one player's part. The voice ends when the last player has let go. */
function share(of: Together): Share {
  let held = true
  return {
    end: (when) => {
      if (held) of.held--
      held = false
      of.until = Math.max(of.until, when)
      if (of.held === 0) of.lead.end(of.until)
    },
  }
}
