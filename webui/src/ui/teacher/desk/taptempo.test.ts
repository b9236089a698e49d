import { expect, test } from 'vitest'
import { clampBpm, TapTempo } from './taptempo.ts'

function tapAll(times: readonly number[]): number | null {
  const tempo = new TapTempo()
  return times.reduce<number | null>((_, at) => tempo.tap(at), null)
}

test.each([
  ['one tap says nothing', [0], null],
  ['two taps are a beat apart', [0, 500], 120],
  ['unsteady hands even out', [0, 480, 1_010, 1_495, 2_000], 120],
  ['a pause begins anew', [0, 500, 1_000, 5_000], null],
  ['and counts from there', [0, 500, 1_000, 5_000, 5_600], 100],
  ['only the last taps count', [0, 2_000, ...Array.from({ length: 8 }, (_, i) => 2_500 + 500 * i)], 120],
  ['slowest', [0, 2_100], 30],
  ['fastest', [0, 50, 100], 300],
  ['twice in one moment', [7, 7], null],
  ['a clock that was set back begins anew', [5_000, 5_500, 0, 600], 100],
])('%s', (_, times, want) => {
  expect(tapAll(times)).toBe(want)
})

test('a tempo is whole and one that the box plays', () => {
  expect([clampBpm(29.4), clampBpm(120.4), clampBpm(301)]).toEqual([30, 120, 300])
})
