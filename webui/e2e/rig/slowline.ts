import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Box } from './box.ts'

/**
 * A long way to a box: everything over TCP arrives late, in both directions. It can stand still:
 * nothing is lost then, and comes all at once afterwards.
 */
export class SlowLine {
  readonly #server
  readonly #sockets = new Set<Socket>()
  #stalled = false

  private constructor(box: Box, lateMs: number) {
    this.#server = createServer((near) => {
      const far = connect(box.port, '127.0.0.1')
      this.#pass(near, far, lateMs)
      this.#pass(far, near, lateMs)
    })
  }

  /** Starts a line that makes everything late by so many ms. */
  static async start(box: Box, lateMs: number): Promise<SlowLine> {
    const line = new SlowLine(box, lateMs)
    line.#server.listen(0, '127.0.0.1')
    await once(line.#server, 'listening')
    return line
  }

  /** The box's address at the other end of the line. */
  get url(): string {
    return `http://downbeat.local:${(this.#server.address() as AddressInfo).port}`
  }

  set stalled(stalled: boolean) {
    this.#stalled = stalled
    for (const socket of this.#sockets) {
      if (stalled) socket.pause()
      else socket.resume()
    }
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #pass(from: Socket, to: Socket, lateMs: number): void {
    this.#sockets.add(from)
    from.on('data', (chunk) => setTimeout(() => to.write(chunk), lateMs))
    if (this.#stalled) from.pause()
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      setTimeout(() => to.end(), lateMs)
    })
  }
}
