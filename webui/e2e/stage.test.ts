import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, SIZES, takePictures } from './rig/browser.ts'
import { letThemPlay, signIn } from './rig/people.ts'
import { PretendClass } from './rig/pretendclass.ts'

// The picture on the wall: the code, who comes in, quiet, and what the teacher chooses for the screen.

const ROOM = 'MUSIC-2024'
const WIDE_ROOM = 'UMBRELLA-4468'
/** Projectors, screens and televisions of classrooms. */
const SCREENS = [
  [960, 540],
  [1024, 768],
  [1366, 768],
  [1920, 1080],
  [3840, 2160],
] as const

let browser: Browser
let box: Box
let teacher: Page
let stage: Page
let person: Person

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('demo', '--students', '0')
  ;({ page: teacher, person } = await signIn(browser, box, ROOM))
  stage = await person.open(`${box.url}/stage?room=${ROOM}`)
  await stage.getByRole('heading', { name: 'Stage' }).waitFor({ state: 'attached' })
}, 300_000)

afterAll(async () => {
  if (person) await takePictures([person], 'stage')
  await browser?.close()
  await box?.stop()
})

interface Edges {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Measures what is on a stage, px. */
function measure(page: Page) {
  return page.evaluate(() => {
    const edges = (e: Element): Edges => {
      const { left, top, right, bottom } = e.getBoundingClientRect()
      return { left, top, right, bottom }
    }
    const code = document.querySelector('[data-lines]')
    const of = (selector: string) => [...document.querySelectorAll(selector)].map(edges)
    if (!code) throw new Error('there is no code')
    return {
      code: edges(code),
      lines: [...code.querySelectorAll('span:not(.visually-hidden)')].map(edges),
      ring: of('[role="img"]'),
      rest: of('aside img, aside [class*="where"], aside p:not([data-lines]), aside li, footer'),
    }
  })
}

/** Whether two boxes share more than a hair. */
function cross(a: Edges, b: Edges): boolean {
  return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
}

async function expectCode(page: Page, width: number, height: number): Promise<void> {
  const { code, lines, ring, rest } = await measure(page)
  const name = `${width} by ${height}`
  expect(code.bottom - code.top, `${name}: the height of the code`).toBeGreaterThanOrEqual(height / 3)
  const tops = new Set(lines.map((line) => Math.round(line.top)))
  const oneLine = lines.reduce((sum, line) => sum + line.right - line.left, 0)
  const fitsOne = oneLine * (height / 3 / (lines[0] ? lines[0].bottom - lines[0].top : 1)) < 0.9 * width
  expect(tops.size, `${name}: lines of the code`).toBe(fitsOne ? 1 : 2)
  for (const box of [code, ...lines, ...ring, ...rest]) {
    expect.soft(box.left, `${name}: left`).toBeGreaterThanOrEqual(0)
    expect.soft(box.top, `${name}: top`).toBeGreaterThanOrEqual(0)
    expect.soft(box.right, `${name}: right`).toBeLessThanOrEqual(width)
    expect.soft(box.bottom, `${name}: bottom`).toBeLessThanOrEqual(height)
  }
  for (const [i, box] of rest.entries()) {
    expect.soft(cross(box, code), `${name}: thing ${i} over the code`).toBe(false)
    for (const r of ring) expect.soft(cross(box, r), `${name}: thing ${i} over the ring`).toBe(false)
  }
  for (const r of ring) {
    expect.soft(cross(r, code), `${name}: the ring over the code`).toBe(false)
    expect.soft(r.bottom - r.top, `${name}: the height of the ring`).toBeGreaterThan(0.5 * height)
  }
}

test('the code is a third of the height of every screen', { timeout: 600_000 }, async () => {
  for (const [width, height] of SCREENS) {
    await stage.setViewportSize({ width, height })
    await stage.waitForFunction((w) => innerWidth === w, width)
    await expectCode(stage, width, height)
  }
  await teacher.evaluate(
    (code) => fetch('/box/v1/rooms', { method: 'POST', body: JSON.stringify({ code, name: 'Wide' }) }),
    WIDE_ROOM,
  )
  const wide = await person.open(`${box.url}/stage?room=${WIDE_ROOM}`)
  await wide.getByRole('heading', { name: 'Stage' }).waitFor({ state: 'attached' })
  for (const [width, height] of SCREENS) {
    await wide.setViewportSize({ width, height })
    await wide.waitForFunction((w) => innerWidth === w, width)
    await expectCode(wide, width, height)
  }
  await wide.close()
  await stage.setViewportSize(SIZES.chromebook)
})

test('a newcomer arrives, and quiet is as large as the code', { timeout: 600_000 }, async () => {
  const arrivals = stage.locator('main ul[data-still]')
  const comers = new PretendClass(box, ROOM, { arrival: 'uniform', transport: 'websocket', rate: 1 })
  await arrivals.locator('li b').first().waitFor()
  await comers.stop()
  await arrivals.waitFor({ state: 'detached' })
  await teacher.getByRole('button', { name: 'Everyone quiet' }).click()
  const quiet = stage.getByText('Quiet', { exact: true })
  await quiet.waitFor()
  const sizes = await stage.evaluate(() =>
    ['[data-lines]', '[role="status"] p'].map((s) => {
      const element = document.querySelector(s)
      return element ? Number.parseFloat(getComputedStyle(element).fontSize) : 0
    }),
  )
  expect(sizes[1], 'the size of Quiet, px').toBeGreaterThanOrEqual(sizes[0] ?? Number.NaN)
  await letThemPlay(teacher)
  await quiet.waitFor({ state: 'detached' })
})

test('the teacher hides the code, lightens the screen and sets a timer', { timeout: 600_000 }, async () => {
  const settings = async (choose: (dialog: ReturnType<Page['getByRole']>) => Promise<void>) => {
    await stage.getByRole('button', { name: 'This screen' }).click()
    await choose(stage.getByRole('dialog'))
  }
  await settings(async (dialog) => {
    await dialog.getByText('Show the code').click()
    await dialog.getByText('Light, for a bright room').click()
    await dialog.getByText('This speaker clicks the beat').click()
    await dialog.getByRole('button', { name: '5 minutes' }).click()
  })
  await stage
    .getByRole('timer')
    .getByText(/^[45]:\d\d$/)
    .waitFor()
  await stage.locator('html[data-theme="paper"]').waitFor()
  expect(await stage.getByText(ROOM.slice(-4), { exact: true }).count(), 'codes on the stage').toBe(0)
  await stage.reload()
  await stage.getByRole('timer').waitFor()
  await stage.locator('html[data-theme="paper"]').waitFor()
  expect(await stage.getByText(ROOM.slice(-4), { exact: true }).count(), 'codes after a reload').toBe(0)
  await settings(async (dialog) => {
    await dialog.getByText('Show the code').click()
    await dialog.getByText('Light, for a bright room').click()
    await dialog.getByRole('button', { name: 'No timer' }).click()
    await dialog.getByRole('button', { name: 'Done' }).click()
  })
  await stage.getByText(ROOM.slice(-4), { exact: true }).waitFor()
  await stage.locator('html[data-theme="stage"]').waitFor()
  expect(person.errors).toEqual([])
})
