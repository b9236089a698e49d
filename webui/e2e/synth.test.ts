import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { INSTRUMENTS } from '../src/engine/audio/instruments.ts'
import type { Synth, SynthNote } from '../src/engine/audio/synth.ts'
import { Box } from './rig/box.ts'
import { launch, Person } from './rig/browser.ts'
import { bundle } from './rig/bundle.ts'

// What the synthesizer renders, sample by sample, with the sounds that the box serves.

let browser: Browser
let box: Box
let page: Page

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const person = await Person.create(browser)
  await person.context.addInitScript({ content: await bundle('../../src/engine/audio/synth.ts', 'synth') })
  page = await person.open(`${box.url}/`)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

/** A note, and when it ends, seconds. Without a gain it is as loud as the device's own. */
type Note = Partial<SynthNote> & { note: number; end?: number; cancel?: boolean }

interface Take {
  /** Seconds. */
  length: number
  /** Whether the samples are loaded. */
  loaded?: boolean
  notes?: Note[]
  clicks?: { when: number; accent: boolean }[]
}

/** Renders a take, and returns the loudest sample of every hundredth of a second. */
async function render(take: Take): Promise<number[]> {
  return page.evaluate(async ({ length, loaded = true, notes = [], clicks = [] }) => {
    const RATE = 44_100
    const ctx = new OfflineAudioContext(2, length * RATE, RATE) as unknown as AudioContext
    Object.defineProperty(ctx, 'state', { value: 'running' })
    const made = (globalThis as unknown as { synth: { Synth: typeof Synth } }).synth
    const synth = new made.Synth(ctx)
    const wanted = new Set([
      ...notes.map((n) => n.instrument ?? 'piano'),
      ...(clicks.length ? ['click'] : []),
    ])
    if (loaded) for (const id of wanted) await synth.load(id)
    for (const n of notes) {
      const sounded = synth.noteOn({ seat: 0, velocity: 127, instrument: 'piano', when: 0.5, ...n })
      if (n.end !== undefined) sounded?.end(n.end)
      if (n.cancel) synth.allOff(n.seat ?? 0)
    }
    for (const c of clicks) synth.click(c.when, c.accent)
    const rendered = await (ctx as unknown as OfflineAudioContext).startRendering()
    const [left, right] = [rendered.getChannelData(0), rendered.getChannelData(1)]
    const peaks = new Array<number>(Math.floor(length * 100)).fill(0)
    left.forEach((v, i) => {
      const at = Math.floor((i * 100) / RATE)
      peaks[at] = Math.max(peaks[at] ?? 0, Math.abs(v), Math.abs(right[i] ?? 0))
    })
    return peaks
  }, take)
}

function dB(level: number): number {
  return 20 * Math.log10(level)
}

function loudest(peaks: number[], from = 0, until = Number.POSITIVE_INFINITY): number {
  return dB(Math.max(...peaks.slice(Math.round(from * 100), Math.min(peaks.length, Math.round(until * 100)))))
}

/** When notes start, s. Chromium's limiter needs a tenth of a second to open. */
const START = 0.5

/** Returns a note within the range of an instrument. */
function noteFor(id: string): number {
  return { drums: 38, bass: 40, glockenspiel: 84, xylophone: 72 }[id] ?? 64
}

const SILENCE_DB = -60

test('one player is as loud on every instrument, at −12 dBFS', async () => {
  const levels: string[] = []
  for (const { id } of INSTRUMENTS) {
    const level = loudest(await render({ length: 2, notes: [{ instrument: id, note: noteFor(id) }] }))
    levels.push(`${id} ${level.toFixed(1)}`)
    expect.soft(level, id).toBeGreaterThan(-14.5)
    expect.soft(level, id).toBeLessThan(-11.5)
  }
  console.log(`# synth: one note, dBFS: ${levels.join(', ')}`)
})

test('a note starts on time, and is silent some time after its end', async () => {
  for (const { id, kind } of INSTRUMENTS) {
    const peaks = await render({
      length: 5,
      notes: [{ instrument: id, note: noteFor(id), end: 1 }],
    })
    expect.soft(loudest(peaks, 0, START - 0.01), `${id} before`).toBeLessThan(SILENCE_DB)
    expect.soft(loudest(peaks, START, START + 0.06), `${id} at the start`).toBeGreaterThan(-30)
    if (kind === 'keys') expect.soft(loudest(peaks, 4.8), `${id} at the end`).toBeLessThan(SILENCE_DB)
  }
})

test('a wind instrument sounds while it is held, a struck one fades', async () => {
  const held = { length: 9 }
  for (const id of ['flute', 'clarinet', 'trumpet', 'organ']) {
    const peaks = await render({ ...held, notes: [{ instrument: id, note: 64 }] })
    expect.soft(loudest(peaks, 8.5), id).toBeGreaterThan(-22)
  }
  for (const id of ['piano', 'marimba', 'xylophone', 'glockenspiel', 'kalimba', 'steel_drums', 'strings']) {
    const peaks = await render({ ...held, notes: [{ instrument: id, note: 72 }] })
    expect.soft(loudest(peaks, 8.5), id).toBeLessThan(SILENCE_DB)
  }
})

test('without samples a plain tone sounds at once', async () => {
  for (const { id } of INSTRUMENTS) {
    const peaks = await render({
      length: 1,
      loaded: false,
      notes: [{ instrument: id, note: 60 }],
    })
    expect.soft(loudest(peaks, START, START + 0.05), id).toBeGreaterThan(-26)
  }
})

test('forty on the beat do not clip', async () => {
  const notes = Array.from({ length: 40 }, (_, seat) => ({
    seat,
    note: 36 + (seat % 20),
    instrument: 'drums',
  }))
  const one = loudest(await render({ length: 1, notes: notes.slice(0, 1) }))
  const all = loudest(await render({ length: 1, notes }))
  console.log(`# synth: one drum ${one.toFixed(1)} dBFS, forty at once ${all.toFixed(1)} dBFS`)
  expect(all).toBeLessThan(-1)
})

test('notes of others are 6 dB softer', async () => {
  const own = loudest(await render({ length: 1, notes: [{ note: 60 }] }))
  const other = loudest(await render({ length: 1, notes: [{ note: 60, gain: 0.5 }] }))
  expect(own - other).toBeCloseTo(6, 0)
})

test('a closed hat ends the open one', async () => {
  const open = { instrument: 'drums', note: 46 }
  const alone = await render({ length: 1.5, notes: [open] })
  const choked = await render({
    length: 1.5,
    notes: [open, { instrument: 'drums', note: 42, velocity: 1, when: 0.6 }],
  })
  expect(loudest(alone, 0.7, 0.9) - loudest(choked, 0.7, 0.9)).toBeGreaterThan(20)
})

test('a note that is cancelled before its start is never heard', async () => {
  const peaks = await render({
    length: 1.5,
    notes: [{ instrument: 'organ', note: 60, cancel: true }],
  })
  expect(loudest(peaks)).toBeLessThan(SILENCE_DB)
})

test('the metronome clicks on time, the first of a bar louder', async () => {
  const peaks = await render({
    length: 1.5,
    clicks: [
      { when: 0.5, accent: true },
      { when: 1, accent: false },
    ],
  })
  const onset = peaks.findIndex((p) => dB(p) > -40)
  expect(onset).toBe(50)
  expect(loudest(peaks, 0.5, 0.9)).toBeGreaterThan(loudest(peaks, 1) + 3)
})
