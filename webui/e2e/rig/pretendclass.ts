import { type ChildProcess, spawn } from 'node:child_process'
import { BINARY, type Box } from './box.ts'

/** How a pretend class plays, as `downbeat classroom` calls it. */
interface Manner {
  readonly arrival: 'beat' | 'uniform'
  readonly transport: 'websocket' | 'webrtc'
  /** Notes a second of each. */
  readonly rate: number
}

/** Forty pretend students in a room, who play until they are stopped. */
export class Crowd {
  readonly #process: ChildProcess
  readonly #over: Promise<unknown>

  constructor(box: Box, room: string, { arrival, transport, rate }: Manner) {
    const args = ['--url', box.local, '--room', room, '--students', '40', '--rate', `${rate}`]
    this.#process = spawn(
      BINARY,
      ['classroom', ...args, '--duration', '10m', '--transport', transport, '--arrival', arrival],
      { stdio: 'ignore' },
    )
    this.#over = new Promise((resolve) => {
      for (const event of ['close', 'error']) this.#process.once(event, resolve)
    })
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#over
  }
}
