import { type ClientOptions, WebSocket } from 'ws'
import { Inbox } from './inbox.ts'

/** One message on a client's socket, independent of the serializer. */
export interface Frame {
  from: 'client' | 'box'
  topic: string
  event: string
  ref: string | null
  payload: Readonly<Record<string, unknown>>
  /** The message as text, or as hex if it is binary. */
  raw: string
}

/** Tokens, which would only clutter a transcript. */
const TOKENS = /eyJ[\w.-]+/g

const recorders = new Map<string, Recorder>()

/**
 * Records a client's successive sockets. Clients run unchanged: they find a WebSocket where
 * browsers have it. The query parameter `recorder`, which the box ignores, names the recorder.
 */
export class Recorder {
  readonly name = crypto.randomUUID()
  readonly frames: Inbox<Frame>
  readonly sockets: RecordedSocket[] = []
  /** What the client threw when it received a message. */
  readonly crashes: unknown[] = []

  constructor(patience: number) {
    this.frames = new Inbox(patience)
    recorders.set(this.name, this)
  }

  /** Breaks the connection without a close frame, as Wi-Fi does. */
  breakConnection(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  /** Delivers a frame to the client that the box did not send. */
  forge(frame: { topic: string; event: string; ref: string | null; payload: object }): void {
    const { topic, event, ref, payload } = frame
    const socket = this.sockets.at(-1)
    const raw = socket?.vsn === 2 ? [ref, ref, topic, event, payload] : { topic, event, payload, ref }
    socket?.emit('message', Buffer.from(JSON.stringify(raw)), false)
  }

  /** Returns what went over the wire, to explain a failed test. */
  transcript(): string {
    const said = this.frames.all.map((f) => `  ${f.from === 'client' ? '>' : '<'} ${f.raw.slice(0, 800)}`)
    return [this.sockets[0]?.url ?? 'no socket', ...said].join('\n').replaceAll(TOKENS, '<jwt>')
  }
}

/** A WebSocket as browsers have it, which records its messages. */
class RecordedSocket extends WebSocket {
  readonly vsn: 1 | 2
  readonly #recorder: Recorder | undefined

  constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions) {
    super(address, protocols, options)
    const query = new URL(address).searchParams
    this.vsn = query.get('vsn') === '2.0.0' ? 2 : 1
    this.#recorder = recorders.get(query.get('recorder') ?? '')
    this.#recorder?.sockets.push(this)
    this.on('message', (data: ArrayBuffer | Buffer, binary) => {
      this.#keep('box', binary ? Buffer.from(data as ArrayBuffer) : data.toString())
    })
  }

  /** Continues after a listener has thrown, as browsers do. */
  override emit(event: string | symbol, ...rest: unknown[]): boolean {
    try {
      return super.emit(event, ...rest)
    } catch (thrown) {
      this.#recorder?.crashes.push(thrown)
      return true
    }
  }

  /** Clients pass no callback and no options. */
  override send(data: string | ArrayBuffer): void {
    this.#keep('client', typeof data === 'string' ? data : Buffer.from(data))
    super.send(data)
  }

  #keep(from: Frame['from'], data: string | Buffer): void {
    this.#recorder?.frames.put({ from, ...(typeof data === 'string' ? readText(data) : readBinary(data)) })
  }
}

function readText(raw: string): Omit<Frame, 'from'> {
  const message = JSON.parse(raw)
  if (!Array.isArray(message)) return { ref: null, ...message, raw }
  const [, ref, topic, event, payload] = message
  return { ref, topic, event, payload, raw }
}

/** Only the clients read binary messages; here they are hex. */
function readBinary(data: Buffer): Omit<Frame, 'from'> {
  return { ref: null, topic: '', event: 'binary', payload: {}, raw: data.toString('hex') }
}

Object.assign(globalThis, { WebSocket: RecordedSocket })
