import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, SHOWN_MS, SIZES, takePictures } from './rig/browser.ts'
import { join, letThemPlay, signIn } from './rig/people.ts'

// The child's page: what it says to do, and whoever plays it with a keyboard, a switch, a phone held sideways or
// colours of their own.

const ROOM = 'MUSIC-2024'
/** A phone held sideways, and a Chromebook at 200 %. */
const LOW = [
  [740, 360],
  [683, 384],
] as const

let browser: Browser
let box: Box
let teacher: Page
let child: Page
let people: Person[] = []

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
  const first = await signIn(browser, box, ROOM)
  const second = await join(browser, box, ROOM)
  people = [first.person, second.person]
  teacher = first.page
  child = second.page
}, 300_000)

afterAll(async () => {
  await takePictures(people, 'child')
  await browser?.close()
  await box?.stop()
})

function picker() {
  return child.getByRole('button', { name: /^Instrument: / })
}

function focused(): Promise<string> {
  return child.evaluate(() => {
    const { activeElement: e } = document
    return e?.getAttribute('data-note') ?? e?.getAttribute('value') ?? e?.getAttribute('aria-label') ?? ''
  })
}

test('one sentence says what to do now', { timeout: 600_000 }, async () => {
  await child.getByText('Play along, and listen to the others.').waitFor()
  await teacher.getByRole('button', { name: 'Stop', exact: true }).click()
  await child.getByText('Try your instrument. The music starts soon.').waitFor()
  await teacher.getByRole('button', { name: 'Play', exact: true }).click()
  await child.getByText('Play along, and listen to the others.').waitFor()
})

test('a click on a key plays it, as a switch and a screen reader click', { timeout: 600_000 }, async () => {
  const key = child.locator('[data-note="60"]')
  for (let times = 2; times > 0; times--) {
    const plays = await key.evaluate((e) => {
      ;(e as HTMLElement).click()
      return e.classList.contains('down')
    })
    expect(plays).toBe(true)
    await child.locator('[data-note="60"]:not(.down)').waitFor()
  }
})

test('arrows go through the instruments, and the focus comes back', { timeout: 600_000 }, async () => {
  await picker().focus()
  await child.keyboard.press('Enter')
  await child.getByRole('dialog').waitFor()
  await expect.poll(focused, { timeout: SHOWN_MS }).toBe('piano')
  for (const id of ['epiano', 'marimba', 'xylophone']) {
    await child.keyboard.press('ArrowDown')
    await child.locator(`[data-instrument="${id}"]`).waitFor({ state: 'attached' })
    expect(await focused()).toBe(id)
  }
  await child.keyboard.press('Escape')
  await child.getByRole('dialog').waitFor({ state: 'detached' })
  await expect.poll(focused).toBe('Instrument: Xylophone')
})

test('Quiet leaves the focus where it is', { timeout: 600_000 }, async () => {
  const key = child.locator('[data-note="64"]')
  await key.focus()
  await teacher.getByRole('button', { name: 'Everyone quiet' }).click()
  await child.getByText('Quiet now').first().waitFor()
  expect(await key.isDisabled(), 'keys are off').toBe(true)
  await letThemPlay(teacher)
  await child.locator('[data-note="64"][aria-disabled="false"]').waitFor()
  expect(await focused()).toBe('64')
})

test('Back asks before it ends the lesson', { timeout: 600_000 }, async () => {
  for (let times = 2; times > 0; times--) {
    await child.goBack()
    await child.getByRole('dialog').getByText('Leave the lesson?').waitFor()
    await child.getByRole('button', { name: 'Stay' }).click()
    await child.getByRole('dialog').waitFor({ state: 'detached' })
  }
  await child.locator('[data-note="60"]').waitFor()
  expect(await child.evaluate(() => getComputedStyle(document.documentElement).overscrollBehaviorY)).toBe(
    'none',
  )
})

/** Checks that low screens show every key and button of the child's page. */
async function fitsLowScreens(): Promise<void> {
  for (const [width, height] of LOW) {
    await child.setViewportSize({ width, height })
    await child.waitForFunction((w) => innerWidth === w, width)
    const outside = await child.locator('[data-note], footer button, main button').evaluateAll((all) =>
      all
        .map((e) => ({ text: e.textContent, box: e.getBoundingClientRect() }))
        .filter(
          ({ box }) => box.top < 0 || box.left < 0 || box.bottom > innerHeight || box.right > innerWidth,
        )
        .map(({ text }) => text),
    )
    expect.soft(outside, `what ${width} by ${height} does not show`).toEqual([])
  }
  await child.setViewportSize(SIZES.chromebook)
}

test('a low screen has every pad, and the way out', { timeout: 600_000 }, async () => {
  await picker().click()
  await child.getByRole('dialog').getByText('Drums', { exact: true }).click()
  await child.locator('[data-note="36"]').waitFor()
  await fitsLowScreens()
})

test('a step of a lesson leaves room for every key on low screens', async () => {
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  await teacher.getByRole('button', { name: 'Begin: Steady beat' }).click()
  await child.getByText('Tap the beat on your knees. Do not play yet.').first().waitFor()
  await child.locator('[data-note="36"]').waitFor()
  await fitsLowScreens()
  await teacher.getByRole('button', { name: 'All steps' }).click()
  await teacher.getByRole('button', { name: 'End lesson' }).click()
  await teacher.getByRole('button', { name: 'End it now' }).click()
  await child.locator('b', { hasText: 'Tap the beat on your knees.' }).waitFor({ state: 'detached' })
})

test.each(['dark', 'light'] as const)(
  'the ring is seen in forced colours that are %s',
  async (colorScheme) => {
    await child.emulateMedia({ forcedColors: 'active', colorScheme })
    await expect.poll(ringContrast, { timeout: SHOWN_MS }).toBeGreaterThan(3)
    await child.emulateMedia({ forcedColors: null, colorScheme: null })
  },
)

test('a device that is dark has a dark page', { timeout: 600_000 }, async () => {
  await child.emulateMedia({ colorScheme: 'dark' })
  await child.locator('html[data-theme="dark"]').waitFor()
  await expect.poll(ringContrast, { timeout: SHOWN_MS }).toBeGreaterThan(3)
  await child.emulateMedia({ colorScheme: null })
  await child.locator('html[data-theme="paper"]').waitFor()
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** Returns the contrast of the ring, between its first two beats, with the page behind it. */
function ringContrast(): Promise<number> {
  return child.evaluate(() => {
    const canvas = document.querySelector('canvas')
    const pixel = canvas
      ?.getContext('2d')
      ?.getImageData(
        Math.round(canvas.width * (0.5 + 0.43 * Math.SQRT1_2)),
        Math.round(canvas.height * (0.5 - 0.43 * Math.SQRT1_2)),
        1,
        1,
      ).data
    const page = (getComputedStyle(document.documentElement).backgroundColor.match(/[\d.]+/g) ?? []).map(
      Number,
    )
    const light = ([r = 0, g = 0, b = 0]: ArrayLike<number> & Iterable<number>) => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((c) =>
        c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * x + 0.7152 * y + 0.0722 * z
    }
    if (pixel?.[3] !== 255) return 0
    const [low = 0, high = 0] = [light(pixel), light(page)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  })
}
