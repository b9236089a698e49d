import type { Page } from 'playwright-core'
import { pageZero } from './machine.ts'

/** A pair of readings of a context's clock and the page's, seconds. */
interface Reading {
  perf: number
  /** What is rendered at that moment, and what the browser says is heard. */
  rendered: number
  heard: number
}

/** What the recorder adds to a page. */
interface Recording {
  /** When sounds began, on the context's clock, seconds. */
  onsets: number[]
  readings: Reading[]
}

export type Recorded = { recording: Recording }

/**
 * Runs in a page before its own code, and listens where its sound leaves. A second channel beside it
 * counts the samples of every second, so that each sample carries the context's time itself: what a
 * processor on the page's own thread may be late by does not matter. (A ramp of an AudioParam would
 * not do: Chromium adds it up in single precision.)
 */
export function recorder(): void {
  const recording: Recording = { onsets: [], readings: [] }
  ;(globalThis as unknown as Recorded).recording = recording
  const LOUD = 0.02
  const QUIET_S = 0.1
  const ears = new Map<BaseAudioContext, AudioNode>()
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode
  AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
    const [out] = to
    if (out instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      connect.call(this, earOf(this.context), 0, 0)
    }
    return connect.apply(this, to)
  } as typeof AudioNode.prototype.connect

  function earOf(ctx: AudioContext): AudioNode {
    const known = ears.get(ctx)
    if (known) return known
    const mono = new GainNode(ctx, { channelCount: 1, channelCountMode: 'explicit' })
    const both = new ChannelMergerNode(ctx, { numberOfInputs: 2 })
    const rate = ctx.sampleRate
    const counted = new AudioBuffer({ length: rate, sampleRate: rate })
    counted.copyToChannel(
      Float32Array.from({ length: rate }, (_, i) => i),
      0,
    )
    const clock = new AudioBufferSourceNode(ctx, { buffer: counted, loop: true })
    const began = Math.ceil((ctx.currentTime + 0.2) * rate) / rate
    clock.start(began)
    connect.call(mono, both, 0, 0)
    connect.call(clock, both, 0, 1)
    const processor = ctx.createScriptProcessor(2048, 2, 1)
    connect.call(both, processor)
    connect.call(processor, ctx.destination)
    let loudAt = 0
    processor.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      const sound = inputBuffer.getChannelData(0)
      const time = inputBuffer.getChannelData(1)
      for (let i = 0; i < sound.length; i++) {
        if (Math.abs(sound[i] ?? 0) < LOUD) continue
        const within = (time[i] ?? 0) / rate
        const at = began + within + Math.round(playbackTime - began - within)
        if (at - loudAt > QUIET_S) recording.onsets.push(at)
        loudAt = at
      }
    }
    setInterval(() => {
      const stamp = ctx.getOutputTimestamp()
      const perf = performance.now() / 1000
      if (ctx.state !== 'running' || !stamp.contextTime || !stamp.performanceTime) return
      const heard = stamp.contextTime + perf - stamp.performanceTime / 1000
      recording.readings.push({ perf, rendered: ctx.currentTime, heard })
    }, 23)
    ears.set(ctx, mono)
    return mono
  }
}

/** Forgets what a page has recorded so far. */
export async function rewind(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { recording } = globalThis as unknown as Recorded
    recording.onsets.length = 0
    recording.readings.length = 0
  })
}

/** Readings so near an onset tell when it was heard, seconds: a sound card that runs dry moves all that follows. */
const NEAR_S = 0.5

/**
 * When the sounds that a page has recorded since the last rewind were heard, CLOCK_MONOTONIC, ms. The
 * context's clock is laid on the machine's with readings of the test's own; the page's line has no
 * part in it. rendered leaves out what the browser says of the way to the ear: it moves in steps of a
 * buffer, 10 ms, so that it is known to 2 ms, but no word of the browser is believed.
 */
export async function onsetsOf(page: Page, clock: 'heard' | 'rendered'): Promise<number[]> {
  const zero = await pageZero(page)
  const { onsets, readings } = await page.evaluate(() => (globalThis as unknown as Recorded).recording)
  return onsets.map((at) => {
    const near = readings.filter((r) => Math.abs(r[clock] - at) < NEAR_S)
    return zero + (at + mean(near.map((r) => r.perf - r[clock]))) * 1000
  })
}

/** Of the middle half. */
function mean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4))
  return middle.reduce((sum, v) => sum + v, 0) / middle.length
}
