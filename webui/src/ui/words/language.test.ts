import { afterEach, expect, test } from 'vitest'
import { en } from './en/app.ts'
import { es } from './es/app.ts'
import { language, plural, preferred } from './language.ts'

afterEach(() => {
  language.value = 'en'
})

/** Returns every text by its path. Functions are called with a sample value. */
function texts(of: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(of)) {
    const here = `${path}${key}`
    if (typeof value === 'object') for (const [k, v] of texts(value, `${here}.`)) found.set(k, v)
    else found.set(here, typeof value === 'function' ? String(value('120')) : String(value))
  }
  return found
}

test('every text exists in every language', () => {
  expect([...texts(es).keys()].sort()).toEqual([...texts(en).keys()].sort())
  for (const [path, text] of [...texts(en), ...texts(es)]) expect(text.trim(), path).not.toBe('')
})

test('no sentence is longer than twelve words', () => {
  for (const [path, text] of [...texts(en), ...texts(es)]) {
    for (const sentence of text.split(/[.!?:]/)) {
      expect(sentence.trim().split(/\s+/).length, path).toBeLessThanOrEqual(12)
    }
  }
})

test.each([
  [null, ['es-MX', 'en'], 'es'],
  [null, ['en-GB', 'es'], 'en'],
  [null, ['de', 'es'], 'es'],
  [null, ['de'], 'en'],
  [null, [], 'en'],
  ['es', ['en'], 'es'],
  ['xx', ['en'], 'en'],
])('stored %s and wanted %j show %s', (stored, wanted, want) => {
  expect(preferred(stored, wanted)).toBe(want)
})

test.each([
  ['en', 1, '1 person here'],
  ['en', 3, '3 people here'],
  ['es', 1, '1 persona aquí'],
  ['es', 0, '0 personas aquí'],
] as const)('counts in %s: %d', (to, count, want) => {
  language.value = to
  expect(plural(count, (to === 'en' ? en : es).play.here)).toBe(want)
})
