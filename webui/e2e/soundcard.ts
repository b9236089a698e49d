import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pause } from './box.ts'
import { monotonic } from './machine.ts'

const RATE = 48_000
/** −34 dBFS: a click is louder, what is left of the one before is not. */
const LOUD = 0.02
/** A sound begins after so much quiet, s. */
const QUIET_S = 0.1
/** What arrives so near a frame tells when it was, s. */
const NEAR_S = 1
const START_MS = 10_000

/**
 * A sound card with a stereo output for each of some browsers, all of one clock, and one recording
 * of them all: PulseAudio's null sink. What two browsers render is apart by what lies between in the
 * recording, to the sample, whatever clocks the browsers believe in.
 */
export class SoundCard {
  readonly #dir: string
  readonly #server: string
  readonly #daemon: ChildProcess
  readonly #over: Promise<unknown>
  readonly #outputs: number
  /** As PulseAudio calls them, two of each output. */
  readonly #channels: string[]

  private constructor(dir: string, outputs: number) {
    const channels = Array.from({ length: 2 * outputs }, (_, i) => `aux${i}`)
    this.#dir = dir
    this.#server = `unix:${dir}/native`
    this.#outputs = outputs
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
    this.#over = new Promise((resolve) => this.#daemon.once('close', resolve))
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

  /** What a browser has to find around it to play on an output. */
  env(output: number): Record<string, string> {
    return { PULSE_SERVER: this.#server, PULSE_SINK: `output${output}` }
  }

  /** When sounds began at each output in so many ms, CLOCK_MONOTONIC, ms. */
  async record(ms: number): Promise<number[][]> {
    const frameBytes = 4 * this.#channels.length
    const recording = this.#run('parec', [
      '--device=card.monitor',
      '--format=float32le',
      `--rate=${RATE}`,
      `--channels=${this.#channels.length}`,
      `--channel-map=${this.#channels}`,
      '--latency-msec=10',
    ])
    const ears = Array.from({ length: this.#outputs }, () => new Ear())
    const arrivals: Arrival[] = []
    let frames = 0
    let rest = Buffer.alloc(0)
    recording.stdout?.on('data', (chunk: Buffer) => {
      const bytes = Buffer.concat([rest, chunk])
      const whole = Math.floor(bytes.length / frameBytes)
      for (let frame = 0; frame < whole; frame++) {
        ears.forEach((ear, i) => {
          ear.hear(frames + frame, bytes.readFloatLE(frame * frameBytes + 8 * i))
        })
      }
      frames += whole
      rest = bytes.subarray(whole * frameBytes)
      arrivals.push({ frames, began: monotonic() - (frames / RATE) * 1000 })
    })
    await pause(ms)
    recording.kill()
    await new Promise((resolve) => recording.once('close', resolve))
    return ears.map((ear) => ear.onsets.map((frame) => beganAt(arrivals, frame) + (frame / RATE) * 1000))
  }

  async stop(): Promise<void> {
    this.#daemon.kill()
    await this.#over
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

/** When a recording began as far as one piece of it tells, CLOCK_MONOTONIC, ms. */
interface Arrival {
  readonly frames: number
  readonly began: number
}

/**
 * The card's clock is not the machine's, so that only what arrived around a frame tells when it was.
 * Every piece comes a little late, and now and then later: the soonest is the truest.
 */
function beganAt(arrivals: readonly Arrival[], frame: number): number {
  const near = arrivals.filter((a) => Math.abs(a.frames - frame) < NEAR_S * RATE)
  return Math.min(...near.map((a) => a.began))
}

/** Finds where sounds begin in one channel. */
class Ear {
  readonly onsets: number[] = []
  #loudAt = Number.NEGATIVE_INFINITY

  hear(frame: number, sample: number): void {
    if (Math.abs(sample) < LOUD) return
    if (frame - this.#loudAt > QUIET_S * RATE) this.onsets.push(frame)
    this.#loudAt = frame
  }
}
