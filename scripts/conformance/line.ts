import { type ClientOptions, WebSocket } from 'ws'
import { Inbox } from './inbox.ts'

/** One message on a client's socket, without the shapes of the two serializers. */
export interface Frame {
  from: 'client' | 'box'
  topic: string
  event: string
  ref: string | null
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON was sent
  payload: any
  /** The message as text, or as hex if it is binary. */
  raw: string
}

/** Tokens, which nobody reads. */
const TOKENS = /eyJ[\w.-]+/g

const lines = new Map<string, Line>()

/**
 * A client's sockets, one after the other. Clients run unchanged: they find a WebSocket where browsers
 * have it, and the query parameter `line`, which the box ignores, says whose it is.
 */
export class Line {
  readonly name = crypto.randomUUID()
  readonly frames: Inbox<Frame>
  readonly sockets: Socket[] = []
  /** What the client threw when it heard a message. */
  readonly crashes: unknown[] = []

  constructor(patience: number) {
    this.frames = new Inbox(patience)
    lines.set(this.name, this)
  }

  /** Breaks the connection without a word, as Wi-Fi does. */
  cut(): void {
    for (const socket of this.sockets) socket.terminate()
  }

  /** Lets the client hear a frame that the box did not send. */
  forge(frame: { topic: string; event: string; ref: string | null; payload: object }): void {
    const { topic, event, ref, payload } = frame
    const socket = this.sockets.at(-1)
    const raw = socket?.vsn === 2 ? [ref, ref, topic, event, payload] : { topic, event, payload, ref }
    socket?.emit('message', Buffer.from(JSON.stringify(raw)), false)
  }

  /** What was said, for whoever has to find out why a test failed. */
  transcript(): string {
    const said = this.frames.all.map((f) => `  ${f.from === 'client' ? '>' : '<'} ${f.raw.slice(0, 800)}`)
    return [this.sockets[0]?.url ?? 'no socket', ...said].join('\n').replaceAll(TOKENS, '<jwt>')
  }
}

/** A WebSocket as browsers have it, which keeps what goes through it. */
class Socket extends WebSocket {
  readonly vsn: 1 | 2
  readonly #line: Line | undefined

  constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions) {
    super(address, protocols, options)
    const query = new URL(address).searchParams
    this.vsn = query.get('vsn') === '2.0.0' ? 2 : 1
    this.#line = lines.get(query.get('line') ?? '')
    this.#line?.sockets.push(this)
    this.on('message', (data: ArrayBuffer | Buffer, binary) => {
      this.#keep('box', binary ? Buffer.from(data as ArrayBuffer) : data.toString())
    })
  }

  /** Goes on after a listener has thrown, as browsers do. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever is emitted
  override emit(event: string | symbol, ...rest: any[]): boolean {
    try {
      return super.emit(event, ...rest)
    } catch (thrown) {
      this.#line?.crashes.push(thrown)
      return true
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the overloads of ws
  override send(data: any, ...rest: any[]): void {
    this.#keep('client', typeof data === 'string' ? data : Buffer.from(data))
    // biome-ignore lint/suspicious/noExplicitAny: the overloads of ws
    super.send(data, ...(rest as [any]))
  }

  #keep(from: Frame['from'], data: string | Buffer): void {
    this.#line?.frames.put({ from, ...(typeof data === 'string' ? readText(data) : readBinary(data)) })
  }
}

function readText(raw: string): Omit<Frame, 'from'> {
  const message = JSON.parse(raw)
  if (!Array.isArray(message)) return { ref: null, ...message, raw }
  const [, ref, topic, event, payload] = message
  return { ref, topic, event, payload, raw }
}

/** Binary messages are looked at by the clients only; here they are hex. */
function readBinary(data: Buffer): Omit<Frame, 'from'> {
  return { ref: null, topic: '', event: 'binary', payload: null, raw: data.toString('hex') }
}

Object.assign(globalThis, { WebSocket: Socket })
