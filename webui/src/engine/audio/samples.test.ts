import { afterEach, describe, expect, test, vi } from 'vitest'
import { Samples } from './samples.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

const sample = { root: 60, cents: 0, low: 0, high: 127, gain: 1, release: 0.1 }

/** A box with one instrument of six samples. Each sample is one byte: its number. */
function setUp() {
  const asked: string[] = []
  const decoding: (() => void)[] = []
  const box = { away: false, most: 0, decoding: 0, asked }
  const map = { piano: Array.from({ length: 6 }, (_, i) => ({ ...sample, offset: i, size: 1 })) }
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url)
    if (box.away) return new Response('', { status: 503 })
    return url.endsWith('.json') ? Response.json(map) : new Response(new Uint8Array([0, 1, 2, 3, 4, 5]))
  })
  const context = {
    decodeAudioData: async (bytes: ArrayBuffer) => {
      box.decoding++
      box.most = Math.max(box.most, box.decoding)
      await new Promise<void>((done) => decoding.push(done))
      box.decoding--
      return { number: new Uint8Array(bytes)[0] }
    },
  } as unknown as BaseAudioContext
  return { box, decoding, samples: new Samples(context, '/sounds/') }
}

/** Finishes decoders until a promise has settled. */
async function finish<T>(decoding: (() => void)[], promise: Promise<T>): Promise<T> {
  const settled = vi.fn()
  promise.then(settled, settled)
  await vi.waitUntil(() => {
    decoding.shift()?.()
    return settled.mock.calls.length > 0
  })
  return promise
}

describe('the samples of an instrument', () => {
  test('are cut from its file, and decoded two at once', async () => {
    const { box, decoding, samples } = setUp()
    const loaded = await finish(decoding, samples.load('piano'))
    expect(loaded.map((l) => (l.buffer as unknown as { number: number }).number)).toEqual([0, 1, 2, 3, 4, 5])
    expect(box.most).toBe(2)
    expect(box.asked).toEqual(['/sounds/kit.json', '/sounds/piano.bin'])
  })

  test('are fetched once, however often they are loaded', async () => {
    const { box, decoding, samples } = setUp()
    const first = samples.load('piano')
    expect(samples.load('piano')).toBe(first)
    await finish(decoding, first)
    expect(await samples.load('piano')).toHaveLength(6)
    expect(box.asked).toHaveLength(2)
  })

  test('may be loaded again after the box was away', async () => {
    const { box, decoding, samples } = setUp()
    box.away = true
    await expect(samples.load('piano')).rejects.toThrow('kit.json: 503')
    box.away = false
    expect(await finish(decoding, samples.load('piano'))).toHaveLength(6)
  })

  test('are empty for an unknown instrument', async () => {
    expect(await setUp().samples.load('theremin')).toEqual([])
  })
})
