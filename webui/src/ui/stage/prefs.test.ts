import { expect, test } from 'vitest'
import { DEFAULTS, parsePrefs } from './prefs.ts'

const now = 1_000_000_000_000

test('keeps what was chosen', () => {
  const chosen = { hidden: 'MUSIC-2024', light: true, click: true, timer: now + 60_000 }
  expect(parsePrefs(JSON.stringify(chosen), now)).toEqual(chosen)
})

test.each(['', 'null', '7', '[]', '{"hidden":7,"light":"yes","timer":"soon"}', '{"timer":9e99}'])(
  'nonsense is no choice: %s',
  (text) => {
    expect(parsePrefs(text, now)).toEqual(DEFAULTS)
  },
)
