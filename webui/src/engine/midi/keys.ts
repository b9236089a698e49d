/** A note that begins or, with velocity 0, ends. */
export interface KeyNote {
  /** 0 to 127; 60 is middle C. */
  readonly key: number
  readonly velocity: number
  /** 0 to 15. */
  readonly channel: number
}

/** A MIDI message that is not system exclusive: one status byte and up to two more. */
export type Message = ArrayLike<number>

/** The kinds of messages that matter: the status byte, for channel messages without the channel. */
export const NOTE_OFF = 0x80
export const NOTE_ON = 0x90
export const CONTROL_CHANGE = 0xb0
export const PROGRAM_CHANGE = 0xc0
const SYSTEM = 0xf0
const RESET = 0xff

// Controllers of a control change.
const SUSTAIN_PEDAL = 64
const ALL_SOUND_OFF = 120
const RESET_CONTROLS = 121
const ALL_NOTES_OFF = 123 // and every mode message after it

/** The channel of percussion in General MIDI: people call it 10. */
export const DRUM_CHANNEL = 9

/** Returns the kind of a channel message, or the status of a system message. */
export function kindOf(message: Message): number {
  const status = message[0] ?? 0
  return status < SYSTEM ? status & 0xf0 : status
}

/** Returns the channel of a channel message, 0 to 15. */
export function channelOf(message: Message): number {
  return (message[0] ?? 0) & 0x0f
}

/**
 * Turns the messages of one port into notes. A note sounds while its key is down on any channel, and after
 * that while the sustain pedal of such a channel is down. The box's twin is midi/keys.go; both are tested
 * with midi/testdata/keys.json.
 */
export class Keys {
  readonly #play: (note: KeyNote) => void
  readonly #most: number
  /** By key: a bit for each channel that holds it, and for each whose pedal keeps it. */
  readonly #down = new Uint16Array(128)
  readonly #kept = new Uint16Array(128)
  /** A bit for each channel whose pedal is down. */
  #pedal = 0
  /** The keys that sound, oldest first. */
  #order: number[] = []

  /** At most that many notes sound at once. A further one ends the oldest that only a pedal keeps, or the oldest. */
  constructor(most: number, play: (note: KeyNote) => void) {
    this.#most = most
    this.#play = play
  }

  /** Takes the next message. One that is cut short, or that is not about notes, changes nothing. */
  message(message: Message): void {
    const [, key, value] = Array.from(message)
    const kind = kindOf(message)
    if (kind === RESET) this.release()
    if (!isData(key) || !isData(value)) return
    const channel = channelOf(message)
    if (kind === NOTE_ON && value > 0) this.#press(key, value, channel)
    else if (kind === NOTE_ON || kind === NOTE_OFF) this.#lift(key, channel)
    else if (kind === CONTROL_CHANGE) this.#control(key, value, channel)
  }

  /** Ends every note, and lifts every key and pedal. */
  release(): void {
    this.#pedal = 0
    for (let channel = 0; channel < 16; channel++) this.#endChannel(channel)
  }

  #press(key: number, velocity: number, channel: number): void {
    const silent = this.#holders(key) === 0
    if (silent && this.#order.length === this.#most) this.#steal()
    this.#set(this.#down, key, channel, true)
    this.#set(this.#kept, key, channel, false)
    this.#order = [...this.#order.filter((other) => other !== key), key]
    this.#play({ key, velocity, channel })
  }

  /** Takes the end of a key. A pedal keeps its note. */
  #lift(key: number, channel: number): void {
    if (((this.#down[key] ?? 0) & (1 << channel)) === 0) return
    this.#set(this.#down, key, channel, false)
    if (this.#pedal & (1 << channel)) this.#set(this.#kept, key, channel, true)
    this.#endSilent(key, channel)
  }

  /** Takes a controller. A pedal counts as down from the middle of its way. */
  #control(controller: number, value: number, channel: number): void {
    if (controller === SUSTAIN_PEDAL && value >= 64) {
      this.#pedal |= 1 << channel
    } else if (controller === SUSTAIN_PEDAL || controller === RESET_CONTROLS) {
      this.#pedal &= ~(1 << channel)
      this.#endKept(channel)
    } else if (controller === ALL_SOUND_OFF || controller >= ALL_NOTES_OFF) {
      this.#endChannel(channel)
    }
  }

  /** Ends what only the pedal of a channel keeps, the newest first. */
  #endKept(channel: number): void {
    for (const key of this.#order.toReversed()) {
      this.#set(this.#kept, key, channel, false)
      this.#endSilent(key, channel)
    }
  }

  /** Ends all that a channel sounds. */
  #endChannel(channel: number): void {
    for (const key of this.#order) this.#set(this.#down, key, channel, false)
    this.#endKept(channel)
  }

  /** Ends a note that nothing holds any more. */
  #endSilent(key: number, channel: number): void {
    if (this.#holders(key) !== 0 || !this.#order.includes(key)) return
    this.#order = this.#order.filter((other) => other !== key)
    this.#play({ key, velocity: 0, channel })
  }

  /** Ends one note to make place for another. Its key may still be down: the end of that key then ends nothing. */
  #steal(): void {
    const key = this.#order.find((other) => this.#down[other] === 0) ?? this.#order[0]
    if (key === undefined) return
    this.#down[key] = 0
    this.#kept[key] = 0
    this.#endSilent(key, 0)
  }

  #holders(key: number): number {
    return (this.#down[key] ?? 0) | (this.#kept[key] ?? 0)
  }

  #set(held: Uint16Array, key: number, channel: number, on: boolean): void {
    const bit = 1 << channel
    held[key] = on ? (held[key] ?? 0) | bit : (held[key] ?? 0) & ~bit
  }
}

function isData(byte: number | undefined): byte is number {
  return byte !== undefined && byte < 0x80
}
