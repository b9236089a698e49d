import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pause } from './box.ts'
import { monotonic } from './machine.ts'
import { Recording } from './recording.ts'

const RATE = 48_000
/**
 * How long a stream plays before it is measured, ms. In its first 15 seconds the latency that PulseAudio
 * reports is wrong by up to 15 ms, measured against the recording.
 */
export const SETTLE_MS = 20_000
const START_MS = 10_000

/**
 * A sound card with a stereo output for each browser, and one recording of them all: PulseAudio's null
 * sink. All outputs have one clock. So the recording shows to the sample how far two browsers are
 * apart, independent of the browsers' clocks.
 */
export class SoundCard {
  readonly #dir: string
  readonly #server: string
  readonly #daemon: ChildProcess
  readonly #exited: Promise<unknown>
  /** The names that PulseAudio has for them, two for each output. */
  readonly #channels: string[]

  private constructor(dir: string, outputs: number) {
    const channels = Array.from({ length: 2 * outputs }, (_, i) => `aux${i}`)
    this.#dir = dir
    this.#server = `unix:${dir}/native`
    this.#channels = channels
    const modules = [
      `module-native-protocol-unix socket=${dir}/native auth-anonymous=1`,
      `module-null-sink sink_name=card rate=${RATE} channels=${channels.length} channel_map=${channels}`,
      ...Array.from(
        { length: outputs },
        (_, i) =>
          `module-remap-sink sink_name=output${i} master=card channels=2 remix=no ` +
          `channel_map=front-left,front-right master_channel_map=${channels.slice(2 * i, 2 * i + 2)}`,
      ),
    ]
    this.#daemon = spawn(
      'pulseaudio',
      [
        '-n',
        '--daemonize=no',
        '--exit-idle-time=-1',
        '--use-pid-file=no',
        '--high-priority=yes',
        ...modules.flatMap((module) => ['-L', module]),
      ],
      { env: { ...process.env, HOME: dir, XDG_RUNTIME_DIR: dir }, stdio: 'ignore' },
    )
    this.#exited = new Promise((resolve) => this.#daemon.once('close', resolve))
  }

  static async start(outputs: number): Promise<SoundCard> {
    const card = new SoundCard(mkdtempSync(path.join(tmpdir(), 'soundcard-')), outputs)
    const until = monotonic() + START_MS
    while (!(await card.#answers())) {
      if (monotonic() > until) {
        await card.stop()
        throw new Error('pulseaudio does not answer')
      }
      await pause(100)
    }
    return card
  }

  /** Returns the environment of a browser that plays on an output. */
  env(output: number): Record<string, string> {
    return { PULSE_SERVER: this.#server, PULSE_SINK: `output${output}` }
  }

  /** Records all outputs for ms. */
  async record(ms: number): Promise<Recording> {
    const recording = new Recording(RATE, this.#channels.length)
    const recorder = this.#run('parec', [
      '--device=card.monitor',
      '--format=float32le',
      `--rate=${RATE}`,
      `--channels=${this.#channels.length}`,
      `--channel-map=${this.#channels}`,
      '--latency-msec=10',
    ])
    recorder.stdout?.on('data', (chunk: Buffer) => recording.take(chunk, monotonic()))
    await pause(ms)
    recorder.kill()
    await new Promise((resolve) => recorder.once('close', resolve))
    return recording
  }

  async stop(): Promise<void> {
    this.#daemon.kill()
    await this.#exited
    rmSync(this.#dir, { recursive: true, force: true })
  }

  async #answers(): Promise<boolean> {
    const asked = this.#run('pactl', ['info'])
    return new Promise((resolve) => asked.once('close', (code) => resolve(code === 0)))
  }

  #run(command: string, args: string[]): ChildProcess {
    return spawn(command, args, {
      env: { ...process.env, HOME: this.#dir, PULSE_SERVER: this.#server },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }
}
