import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { join, signIn } from './rig/people.ts'

// Chromium, made to be like WebKit: it does not report how late its sound is, a context may say that it
// runs while its clock stands still, and there is an audio session.

const ROOM = 'MUSIC-2024'

let browser: Browser
let box: Box
let page: Page
let teacher: Page

/** What likeWebKit adds to a page. */
interface Likeness {
  /** Whether the clocks of contexts stand still, until they are suspended and resumed. */
  frozen: boolean
}

function likeWebKit(): void {
  const here = globalThis as unknown as Likeness
  Reflect.deleteProperty(AudioContext.prototype, 'outputLatency')
  Reflect.deleteProperty(AudioContext.prototype, 'getOutputTimestamp')
  Object.defineProperty(navigator, 'audioSession', { value: { type: 'auto' } })
  const time = Object.getOwnPropertyDescriptor(BaseAudioContext.prototype, 'currentTime')?.get
  let stoodAt: number | undefined
  here.frozen = false
  Object.defineProperty(BaseAudioContext.prototype, 'currentTime', {
    get(this: BaseAudioContext) {
      const now: number = time?.call(this)
      stoodAt = here.frozen ? (stoodAt ?? now) : undefined
      return stoodAt ?? now
    },
  })
  const suspend = AudioContext.prototype.suspend
  AudioContext.prototype.suspend = function (this: AudioContext) {
    here.frozen = false
    return suspend.call(this)
  }
}

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
  ;({ page } = await join(browser, box, ROOM, likeWebKit))
  ;({ page: teacher } = await signIn(browser, box, ROOM, likeWebKit))
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

test('a page says that it plays music', async () => {
  const type = await page.evaluate(
    () => (navigator as unknown as { audioSession: { type: string } }).audioSession.type,
  )
  expect(type).toBe('playback')
})

test('an unknown latency is a guess, which the panel calls so, and the tap test is offered', async () => {
  await page.getByRole('button', { name: /in time/ }).click()
  const figure = page.locator('dt', { hasText: 'Sound to your ear' }).locator('xpath=following-sibling::dd')
  await expect.poll(() => figure.textContent()).toMatch(/^about (4|5|6)\d ms, a guess$/)
  await page.getByText('We can only guess how late you hear. Test your sound.').waitFor()
  await page.getByRole('button', { name: 'Test my sound' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
})

test.each([
  ['student', () => page],
  ['teacher', () => teacher],
])('a %s whose context stands still gets the banner, and a press mends it', async (_, pageOf) => {
  const page = pageOf()
  const banner = page.getByRole('button', { name: 'Tap to turn the sound on' })
  expect(await banner.isVisible()).toBe(false)
  await page.evaluate(() => {
    ;(globalThis as unknown as Likeness).frozen = true
  })
  await banner.click()
  await banner.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => (globalThis as unknown as Likeness).frozen)).toBe(false)
})
