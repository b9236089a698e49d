import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KitMap } from '../src/engine/audio/instruments.ts'
import { Box } from './rig/box.ts'
import { AUDIBLE, launch, Person } from './rig/browser.ts'

// The cut samples in the browser's decoder: nothing may be missing that was cut off.

let browser: Browser
let box: Box
let page: Page

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  page = await (await Person.create(browser)).open(`${box.url}/`)
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

interface Found {
  name: string
  peak: number
  /** From the end of its loop to the end of the sample, seconds. */
  spare: number
  /** How similar the wave is before both ends of its loop; 1 is equal. */
  seam: number
}

test('every sample is decoded, sounds, and loops without a bump', async () => {
  const found = await page.evaluate(decodeAll)
  expect(found.length).toBeGreaterThan(100)
  for (const { name, peak, spare, seam } of found) {
    expect.soft(peak, `${name}: peak`).toBeGreaterThan(AUDIBLE)
    expect.soft(peak, `${name}: peak`).toBeLessThan(1.5)
    expect.soft(spare, `${name}: seconds after the loop`).toBeGreaterThanOrEqual(0)
    expect.soft(seam, `${name}: seam of the loop`).toBeGreaterThan(0.9)
  }
  const looped = found.filter((f) => f.seam < 1)
  console.log(
    `# sounds: ${found.length} samples, softest peak ${Math.min(...found.map((f) => f.peak)).toFixed(3)}, ` +
      `${looped.length} loops, worst seam ${Math.min(...looped.map((f) => f.seam)).toFixed(3)}`,
  )
})

/** Runs in the page. */
async function decodeAll(): Promise<Found[]> {
  const RATE = 44_100
  const SEAM = 128
  const context = new OfflineAudioContext(1, 1, RATE)
  const kit = (await (await fetch('/sounds/kit.json')).json()) as KitMap
  const found: Found[] = []
  for (const [id, samples] of Object.entries(kit)) {
    const bytes = await (await fetch(`/sounds/${id}.bin`)).arrayBuffer()
    for (const { offset, size, root, loop } of samples) {
      const wave = (await context.decodeAudioData(bytes.slice(offset, offset + size))).getChannelData(0)
      const peak = wave.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
      const ends = loop ? [loop.start, loop.end].map((t) => Math.round(t * RATE)) : []
      const [a, b] = ends.map((end) => wave.subarray(Math.max(0, end - SEAM), end))
      const spare = wave.length / RATE - (loop?.end ?? 0)
      found.push({ name: `${id} ${root}`, peak, spare, seam: a && b ? alike(a, b) : 1 })
    }
  }
  return found

  function alike(a: Float32Array, b: Float32Array): number {
    let aa = 0
    let bb = 0
    let ab = 0
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i] ?? 0, b[i] ?? 0]
      aa += x * x
      bb += y * y
      ab += x * y
    }
    return ab / Math.sqrt(aa * bb)
  }
}
