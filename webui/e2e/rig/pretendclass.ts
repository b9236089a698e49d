import { type ChildProcess, spawn } from 'node:child_process'
import { BINARY, type Box } from './box.ts'

/** The options of a pretend class, as `downbeat classroom` names them. */
interface ClassOptions {
  readonly arrival: 'beat' | 'uniform'
  readonly transport: 'websocket' | 'webrtc'
  /** Notes a second for each student. */
  readonly rate: number
}

/** Forty pretend students in a room. They play until stop is called. */
export class PretendClass {
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>

  constructor(box: Box, room: string, { arrival, transport, rate }: ClassOptions) {
    const args = ['--url', box.local, '--room', room, '--students', '40', '--rate', `${rate}`]
    this.#process = spawn(
      BINARY,
      ['classroom', ...args, '--duration', '10m', '--transport', transport, '--arrival', arrival],
      { stdio: 'ignore' },
    )
    this.#exited = new Promise((resolve) => {
      for (const event of ['close', 'error']) this.#process.once(event, resolve)
    })
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exited
  }
}
