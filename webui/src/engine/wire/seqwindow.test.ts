import { describe, expect, test } from 'vitest'
import { SeqWindow, seqDistance } from './seqwindow.ts'

test.each([
  [5, 3, 2],
  [3, 5, -2],
  [0, 65535, 1],
  [65535, 0, -1],
  [32767, 0, 32767],
])('%d is after %d by %d', (a, b, by) => expect(seqDistance(a, b)).toBe(by))

describe('a window', () => {
  /** Which of some notes are new; each has a number and a time. */
  const take = (...notes: [seq: number, at: number][]) => {
    const window = new SeqWindow()
    return notes.map(([seq, at]) => window.accept(seq, at))
  }

  test.each<[string, [number, number][], boolean[]]>([
    [
      'notes in order',
      [
        [1, 0],
        [2, 5],
      ],
      [true, true],
    ],
    [
      'a note again, its moment rounded',
      [
        [1, 0],
        [1, 0.1],
      ],
      [true, false],
    ],
    [
      'out of order, and then again',
      [
        [2, 5],
        [1, 0],
        [1, 0],
        [2, 5],
      ],
      [true, true, false, false],
    ],
    [
      'over the wrap',
      [
        [65535, 0],
        [0, 5],
        [65535, 0],
        [0, 5],
      ],
      [true, true, false, false],
    ],
    [
      'as far back as the window goes',
      [
        [100, 50],
        [37, 1],
        [36, 1],
      ],
      [true, true, false],
    ],
    [
      'an old note after many',
      [
        [1, 0],
        [500, 900],
        [1, 0],
      ],
      [true, true, false],
    ],
    [
      'a count that begins anew',
      [
        [500, 900],
        [1, 2000],
        [2, 2010],
        [1, 2000],
      ],
      [true, true, true, false],
    ],
    [
      'a count that begins anew within the window',
      [
        [1, 0],
        [2, 5],
        [1, 2000],
        [2, 2010],
      ],
      [true, true, true, true],
    ],
  ])('%s', (_, notes, fresh) => expect(take(...notes)).toEqual(fresh))

  test('every one of many is new once, whatever the order', () => {
    const window = new SeqWindow()
    let fresh = 0
    for (let i = 65_500; i < 66_500; i++) {
      for (const seq of [i, i - 3, i - 1, i]) if (window.accept(seq & 0xffff, seq * 10)) fresh++
    }
    expect(fresh).toBe(1003)
  })
})
