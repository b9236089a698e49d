import { beforeEach, describe, expect, test } from 'vitest'
import { seeded } from '../testing/golden.ts'
import { MAX_VOICES, type Voice, Voices } from './voices.ts'

let log: string[]
let counts: number[]
let voices: Voices

beforeEach(() => {
  log = []
  counts = []
  voices = new Voices((count) => counts.push(count))
})

/** A voice that records its calls, sounds on until it is ended, and fades for a second. */
function voice(name: string, over: Partial<Voice> = {}): Voice {
  return {
    seat: 0,
    note: 60,
    when: 0,
    oneShot: false,
    choke: 0,
    until: Number.POSITIVE_INFINITY,
    stop: (at, how) => {
      log.push(`${name} ${how} ${at}`)
      return at + 1
    },
    ...over,
  }
}

describe('a voice', () => {
  test('counts until it has faded away', () => {
    const v = voice('a')
    voices.begin(v)
    voices.endNote(0, 60, 1)
    expect(log).toEqual(['a release 1'])
    expect(voices.count).toBe(1)
    voices.sweep(1.9)
    expect(voices.count).toBe(1)
    voices.sweep(2)
    expect(voices.count).toBe(0)
    expect(counts).toEqual([1, 0])
  })

  test('that ends by itself before it would have faded has ended then', () => {
    voices.begin(voice('a', { until: 1.5 }))
    voices.endNote(0, 60, 1)
    voices.sweep(1.5)
    expect(voices.count).toBe(0)
  })

  test('is released once', () => {
    const v = voice('a')
    voices.begin(v)
    voices.end(v, 1)
    voices.end(v, 2)
    voices.endNote(0, 60, 3)
    voices.endAll(4)
    expect(log).toEqual(['a release 1'])
  })

  test('of a drum rings on, until everything has to end', () => {
    voices.begin(voice('kick', { oneShot: true }))
    voices.endNote(0, 60, 1)
    expect(log).toEqual([])
    voices.endAll(2)
    expect(log).toEqual(['kick cut 2'])
  })

  test('gives way to the same note of its seat, and to no other', () => {
    voices.begin(voice('a'))
    voices.begin(voice('another seat', { seat: 1 }))
    voices.begin(voice('another note', { note: 61 }))
    voices.begin(voice('again', { when: 2 }))
    expect(log).toEqual(['a release 2'])
  })

  test('that has not begun is not ended by an earlier one', () => {
    voices.begin(voice('later', { when: 5 }))
    voices.begin(voice('now', { when: 1 }))
    voices.endNote(0, 60, 2)
    expect(log).toEqual(['now release 2'])
  })
})

describe('choking', () => {
  const open = { note: 46, oneShot: true, choke: 1 }

  test('the closed hat cuts the open one of its seat', () => {
    voices.begin(voice('open', open))
    voices.begin(voice('open of another', { ...open, seat: 1 }))
    voices.begin(voice('kick', { note: 36, oneShot: true }))
    voices.begin(voice('closed', { ...open, note: 42, when: 3 }))
    expect(log).toEqual(['open cut 3'])
  })

  test('strokes that choke nothing ring over each other', () => {
    voices.begin(voice('kick', { oneShot: true }))
    voices.begin(voice('kick', { oneShot: true, when: 1 }))
    expect(log).toEqual([])
    expect(voices.count).toBe(2)
  })
})

describe('too many voices', () => {
  test('the oldest makes room', () => {
    for (let i = 0; i <= MAX_VOICES; i++) voices.begin(voice(`${i}`, { note: i, when: i }))
    expect(log).toEqual([`0 cut ${MAX_VOICES}`])
    expect(voices.count).toBe(MAX_VOICES)
  })

  test('one that was released makes room before one that is held', () => {
    for (let i = 0; i < MAX_VOICES; i++) voices.begin(voice(`${i}`, { note: i }))
    voices.endNote(0, 7, 1)
    voices.begin(voice('new', { note: 100, when: 2 }))
    expect(log).toEqual(['7 release 1', '7 cut 2'])
  })

  test('a voice that has sounded need not make room', () => {
    const until = (i: number) => (i === 3 ? 1 : Number.POSITIVE_INFINITY)
    for (let i = 0; i < MAX_VOICES; i++) voices.begin(voice(`${i}`, { note: i, until: until(i) }))
    voices.sweep(1)
    voices.begin(voice('new', { note: 100 }))
    expect(log).toEqual([])
  })
})

test('one seat is silenced without the others', () => {
  voices.begin(voice('a'))
  voices.begin(voice('not yet', { note: 61, when: 9 }))
  voices.begin(voice('b', { seat: 1 }))
  voices.endAll(2, 0)
  expect(log).toEqual(['a release 2', 'not yet release 2'])
})

test('for any sequence of notes the count is right and never too high', () => {
  const random = seeded(4)
  for (let i = 0; i < 5000; i++) {
    const seat = Math.floor(random() * 40)
    const note = 36 + Math.floor(random() * 30)
    const until = i + Math.floor(random() * 200)
    const v = voice('', {
      seat,
      note,
      when: i,
      until,
      oneShot: random() < 0.5,
      choke: random() < 0.1 ? 1 : 0,
    })
    if (random() < 0.6) voices.begin(v)
    else if (random() < 0.5) voices.endNote(seat, note, i)
    else voices.sweep(i)
    expect(voices.count).toBeLessThanOrEqual(MAX_VOICES)
    expect(counts.at(-1) ?? 0).toBe(voices.count)
  }
  voices.sweep(10_000)
  expect(voices.count).toBe(0)
})
