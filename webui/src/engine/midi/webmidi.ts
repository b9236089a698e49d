import { Cell } from '../cell.ts'
import { type Instrument, KeyboardPlayer } from './player.ts'

/** Whether a page may use the keyboards of its device. Browsers allow it on secure origins only. */
export type Support = 'yes' | 'insecure' | 'missing'

/** off: not asked for. asking: the browser asks the student. refused: they said no. failed: the device has no MIDI. */
export type WebMidiState = 'off' | 'asking' | 'on' | 'refused' | 'failed'

/** A keyboard on this device. */
export interface DeviceKeyboard {
  readonly id: string
  readonly name: string
  /** Whether a key was pressed in the last moments. */
  readonly playing: boolean
}

/** How long a keyboard shows as playing after a key was pressed, ms. */
const PLAYING_MS = 1_000

const FOR_PROGRAMS = /\b(DAW|InControl|MCU|HUI|Mackie|Control|Ctrl)\b/i

/**
 * Whether a port is meant for a program, beside the one for the keys. The box's twin is in midi/port.go; both
 * are tested with midi/testdata/portnames.json.
 */
export function isForPrograms(name: string, ports: number): boolean {
  return ports > 1 && FOR_PROGRAMS.test(name)
}

/** Asks the browser for MIDI. */
export type RequestMidi = () => Promise<MIDIAccess>

/** Returns whether this page may ask. */
export function webMidiSupport(): Support {
  if (!globalThis.isSecureContext) return 'insecure'
  return typeof navigator.requestMIDIAccess === 'function' ? 'yes' : 'missing'
}

/** Plays the MIDI keyboards of this device on this page. Several may be plugged in, now or later. */
export class WebMidi {
  readonly state = new Cell<WebMidiState>('off')
  readonly keyboards = new Cell<readonly DeviceKeyboard[]>([])
  readonly #instrument: Instrument
  readonly #request: RequestMidi
  readonly #players = new Map<string, { readonly player: KeyboardPlayer; readonly detach: () => void }>()
  readonly #playing = new Map<string, ReturnType<typeof setTimeout>>()
  #access: MIDIAccess | null = null
  #disposed = false

  constructor(instrument: Instrument, request: RequestMidi = () => navigator.requestMIDIAccess()) {
    this.#instrument = instrument
    this.#request = request
  }

  /** Asks the browser, and plays every keyboard from then on. Call it from a press: the browser asks the student. */
  async start(): Promise<void> {
    if (this.state.value === 'asking' || this.state.value === 'on') return
    this.state.set('asking')
    try {
      const access = await this.#request()
      if (this.#disposed) return
      this.#access = access
      access.addEventListener('statechange', this.#refresh)
      this.state.set('on')
      this.#refresh()
    } catch (err) {
      const refused = err instanceof DOMException && REFUSALS.has(err.name)
      this.state.set(refused ? 'refused' : 'failed')
    }
  }

  /** Ends every note: the page may stand still before the keys come up. */
  release(): void {
    for (const { player } of this.#players.values()) player.release()
  }

  /** Ends every note, and plays nothing until the next start. */
  stop(): void {
    this.#access?.removeEventListener('statechange', this.#refresh)
    this.#access = null
    for (const timer of this.#playing.values()) clearTimeout(timer)
    this.#playing.clear()
    this.#refresh()
    if (this.state.value === 'on') this.state.set('off')
  }

  /** Stops for good. */
  dispose(): void {
    this.#disposed = true
    this.stop()
  }

  /** Takes keyboards that have come, and ends the notes of those that are gone. */
  readonly #refresh = (): void => {
    const inputs = this.#inputs()
    for (const id of [...this.#players.keys()]) if (!inputs.some((i) => i.id === id)) this.#unplug(id)
    for (const input of inputs) if (!this.#players.has(input.id)) this.#plug(input)
    this.#show()
  }

  #inputs(): MIDIInput[] {
    const all = [...(this.#access?.inputs.values() ?? [])].filter((i) => i.state === 'connected')
    return all.filter((i) => !isForPrograms(i.name ?? '', all.length))
  }

  #plug(input: MIDIInput): void {
    const player = new KeyboardPlayer(this.#instrument)
    const listen = ({ data }: MIDIMessageEvent) => {
      if (data && player.message(data)) this.#pressed(input.id)
    }
    input.addEventListener('midimessage', listen)
    input.open().catch(() => undefined) // another program has it; the browser tells when it is free
    const detach = () => input.removeEventListener('midimessage', listen)
    this.#players.set(input.id, { player, detach })
  }

  #unplug(id: string): void {
    const gone = this.#players.get(id)
    this.#players.delete(id)
    gone?.detach()
    gone?.player.release()
  }

  #pressed(id: string): void {
    const was = this.#playing.get(id)
    clearTimeout(was)
    const timer = setTimeout(() => {
      this.#playing.delete(id)
      this.#show()
    }, PLAYING_MS)
    this.#playing.set(id, timer)
    if (was === undefined) this.#show()
  }

  #show(): void {
    this.keyboards.set(
      this.#inputs().map(({ id, name }) => ({ id, name: name ?? '', playing: this.#playing.has(id) })),
    )
  }
}

/** How browsers say that the student, or the school's policy, has said no. */
const REFUSALS: ReadonlySet<string> = new Set(['NotAllowedError', 'SecurityError'])
