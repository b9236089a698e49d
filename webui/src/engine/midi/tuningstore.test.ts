import { expect, test } from 'vitest'
import { TuningStore } from './tuningstore.ts'

function storeWith(text: string | null) {
  const kept = new Map(text === null ? [] : [['downbeat.midi', text]])
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

test('what was chosen is there again', () => {
  const store = storeWith(null)
  new TuningStore(store).set({ on: true, octave: -2 })
  new TuningStore(store).set({ fit: 'white' })
  expect(new TuningStore(store).value).toEqual({ on: true, fit: 'white', octave: -2 })
})

test.each([null, '', 'no JSON', 'null', '7', '{"on":1,"fit":"x","octave":9}', '{"octave":1.5}'])(
  '%s is as if fresh',
  (text) => {
    expect(new TuningStore(storeWith(text)).value).toEqual({ on: false, fit: 'pass', octave: 0 })
  },
)
