import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { INSTRUMENTS, type KitMap, pitchRatio, type Sample, sampleFor } from './instruments.ts'

const FOLDER = new URL('../../../public/sounds/', import.meta.url)
const kit = JSON.parse(readFileSync(new URL('kit.json', FOLDER), 'utf8')) as KitMap

/** The file of an instrument's samples. */
function file(id: string): Buffer {
  return readFileSync(new URL(`${id}.bin`, FOLDER))
}

/** Where the screen's keys begin, if not at middle C. */
const LOWEST: Record<string, number> = { bass: 36, glockenspiel: 72 }

const sounding = Object.keys(kit)

describe('the sounds that the box carries', () => {
  test('are those of the instruments, and the metronome', () => {
    expect(sounding.sort()).toEqual([...INSTRUMENTS.map((i) => i.id), 'click'].sort())
    const files = readdirSync(FOLDER).filter((name) => name !== 'kit.json')
    expect(files.sort()).toEqual(sounding.map((id) => `${id}.bin`))
  })

  test('are small: the piano loads within a second on a class network', () => {
    const sizes = sounding.map((id) => file(id).length)
    expect(sizes.reduce((sum, n) => sum + n)).toBeLessThan(5e6)
    expect(file('piano').length).toBeLessThan(700e3)
  })

  test.each(sounding)('%s: every sample is a whole Ogg stream, and nothing else is in the file', (id) => {
    const bytes = file(id)
    const starts = new Map(kit[id]?.map((s) => [s.offset, s.size]))
    let at = 0
    for (const [offset, size] of [...starts].sort(([a], [b]) => a - b)) {
      expect(offset).toBe(at)
      expect(bytes.toString('latin1', offset, offset + 4)).toBe('OggS')
      expect(bytes.toString('latin1', offset + 29, offset + 35)).toBe('vorbis')
      at += size
    }
    expect(at).toBe(bytes.length)
  })

  test.each(sounding)('%s: the fields of each sample make sense', (id) => {
    for (const s of kit[id] ?? []) {
      expect(s.low).toBeLessThanOrEqual(s.high)
      expect(s.gain).toBeGreaterThan(0)
      expect(s.gain).toBeLessThan(4)
      expect(s.release).toBeGreaterThan(0)
      expect(Math.abs(s.cents)).toBeLessThan(100)
      if (s.loop) expect(s.loop.end - s.loop.start).toBeGreaterThan(0.001)
    }
  })
})

describe('which sample a note sounds with', () => {
  const at = (root: number, low: number, high: number): Sample => ({
    offset: 0,
    size: 0,
    root,
    cents: 0,
    low,
    high,
    gain: 1,
    release: 0.1,
  })

  test.each([
    [60, 1],
    [55, 1],
    [54, 0],
    [0, 0],
    [127, 2],
  ])('note %i: number %i', (note, want) => {
    expect(sampleFor([at(48, 40, 54), at(60, 55, 65), at(72, 66, 80)], note)).toBe(want)
  })

  test('is that of the nearest root if several match, and none if there are none', () => {
    expect(sampleFor([at(40, 0, 127), at(61, 0, 127)], 60)).toBe(1)
    expect(sampleFor([], 60)).toBe(-1)
  })

  test.each(INSTRUMENTS.filter((i) => i.kind === 'keys'))(
    'no key that $id starts with is bent far',
    ({ id }) => {
      const samples = kit[id] ?? []
      const first = LOWEST[id] ?? 60
      for (let note = first; note < first + 18; note++) {
        const ratio = pitchRatio(samples[sampleFor(samples, note)] ?? at(0, 0, 0), note)
        expect(Math.abs(12 * Math.log2(ratio)), `${note}, semitones`).toBeLessThan(8)
      }
    },
  )

  test('every drum pad has a sound of its own', () => {
    const drums = kit.drums ?? []
    const pads = [36, 38, 39, 42, 45, 46, 47, 49, 50, 51, 54, 56] // General MIDI
    for (const note of pads) {
      const found = drums[sampleFor(drums, note)]
      expect(found && found.low <= note && note <= found.high, `pad ${note}`).toBe(true)
      expect(pitchRatio(found ?? at(0, 0, 0), note), `pad ${note}`).toBeCloseTo(1, 0)
    }
  })
})

test('a sample is sped up by semitones and its fine tuning', () => {
  const sample: Sample = { offset: 0, size: 0, root: 60, cents: 0, low: 0, high: 127, gain: 1, release: 0.1 }
  expect(pitchRatio(sample, 72)).toBe(2)
  expect(pitchRatio(sample, 48)).toBe(0.5)
  expect(pitchRatio({ ...sample, cents: 100 }, 59)).toBeCloseTo(1, 12)
})
