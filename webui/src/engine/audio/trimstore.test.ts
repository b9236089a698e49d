import { expect, test } from 'vitest'
import { bounded, MOST_TRIM_MS, TrimStore } from './trimstore.ts'

function memory(kept: Record<string, string> = {}) {
  return {
    kept,
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => {
      kept[key] = value
    },
    removeItem: (key: string) => {
      delete kept[key]
    },
  }
}

test('a trim outlives the page, for its loudspeaker', () => {
  const local = memory()
  new TrimStore(local, memory()).set({ ms: 123.4, reported: 20 })
  const again = new TrimStore(local, memory())
  expect([20, 70, 150].map((reported) => again.for(reported))).toEqual([123, 123, null])
})

test('it is bounded, and kept until it is forgotten, 0 as well', () => {
  expect([900, -900, 0.4].map(bounded)).toEqual([MOST_TRIM_MS, -MOST_TRIM_MS, 0])
  const local = memory()
  const trims = new TrimStore(local, memory())
  trims.set({ ms: 900, reported: 0 })
  expect(trims.for(0)).toBe(MOST_TRIM_MS)
  trims.set({ ms: 0, reported: 0 })
  expect(new TrimStore(local, memory()).for(0)).toBe(0)
  trims.forget()
  expect([trims.for(0), local.kept]).toEqual([null, {}])
})

test.each(['', '{', 'null', '7', '{"ms":"1","reported":2}', '{"ms":1}', '{"ms":1e999,"reported":0}'])(
  'nonsense is no trim: %s',
  (text) => expect(new TrimStore(memory({ 'downbeat.trim': text }), memory()).for(0)).toBeNull(),
)

test('a stored trim that is too large is bounded', () => {
  expect(new TrimStore(memory({ 'downbeat.trim': '{"ms":5000,"reported":0}' }), memory()).for(0)).toBe(
    MOST_TRIM_MS,
  )
})

test('the anticipation is known as long as the tab is open', () => {
  const tab = memory()
  const trims = new TrimStore(memory(), tab)
  expect(trims.anticipation).toBeNull()
  trims.anticipation = 47.6
  expect(new TrimStore(memory(), tab).anticipation).toBe(48)
})

test('without storage it counts until the page is closed', () => {
  const closed = {
    getItem: () => {
      throw new Error('no')
    },
    setItem: () => {
      throw new Error('no')
    },
    removeItem: () => {
      throw new Error('no')
    },
  }
  const trims = new TrimStore(closed, closed)
  trims.set({ ms: 90, reported: 0 })
  expect(trims.for(0)).toBe(90)
  expect(trims.anticipation).toBeNull()
})
