import { expect, test } from 'vitest'
import { verdictText } from './taptest.tsx'

test.each([
  [{ kind: 'few' }, ['Too few taps to tell. Tap once with every click.']],
  [{ kind: 'scattered' }, ['Your taps were far apart. Try again, nice and steady.']],
  [
    { kind: 'found', trimMs: 0, earlyMs: 48, spreadMs: 21 },
    [
      'Your sound is on time.',
      'Your taps were steady to 21 ms.',
      'Most people tap early. Your 48 ms do not count.',
    ],
  ],
  [{ kind: 'found', trimMs: 132, earlyMs: 50, spreadMs: 21 }, ['Your sound is 132 ms late.']],
  [{ kind: 'found', trimMs: -90, earlyMs: 50, spreadMs: 21 }, ['Your sound is 90 ms too early.']],
] as const)('what a tap test has found: %j', (verdict, want) => {
  expect(verdictText(verdict).slice(0, want.length)).toEqual(want)
})
