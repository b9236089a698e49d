import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreement } from './rig/beat.ts'
import { Box, pause } from './rig/box.ts'
import {
  AUDIBLE,
  launch,
  loudestWithin,
  type Person,
  playKey,
  SILENT,
  takePictures,
  waitForSilence,
  waitForSound,
} from './rig/browser.ts'
import { monotonic } from './rig/machine.ts'
import { claim, join, nameOf, playing } from './rig/people.ts'
import { steps } from './rig/steps.ts'
import type { Tapped } from './rig/tap.ts'

// One lesson: a teacher, three students and a stage, on a plain-http address that is not local. The
// tests are its steps. After a step fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
let code: string
const people: Person[] = []
let teacher: Page
let stage: Page
const students: { page: Page; name: string }[] = []

function student(i: number) {
  const found = students[i]
  if (!found) throw new Error(`student ${i} has not joined`)
  return found
}

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures(people, 'failed'))

test('a teacher claims the box and opens a room', async () => {
  const came = await claim(browser, box, 'Music')
  people.push(came.person)
  teacher = came.page
  code = came.code
  expect(code).toMatch(/^[A-Z]+-\d{4}$/)
  expect(await teacher.evaluate(() => isSecureContext), 'whether the origin is secure').toBe(false)
})

test('the stage shows the code', async () => {
  const person = people[0]
  if (!person) throw new Error('there is no teacher')
  stage = await person.open(`${box.url}/stage?room=${code}`)
  await stage.getByText(code.slice(-4), { exact: true }).waitFor()
  const qr = stage.getByAltText('Picture that leads a phone to this room')
  expect(
    await qr.evaluate((img: HTMLImageElement) => img.decode().then(() => img.naturalWidth)),
    'its QR',
  ).toBeGreaterThan(0)
})

test('three students join with the code within ten seconds each', async () => {
  for (let i = 0; i < 3; i++) {
    const began = monotonic()
    const came = await join(browser, box, code)
    const took = (monotonic() - began) / 1000
    expect(took, 'seconds from the address to playing in time').toBeLessThan(10)
    people.push(came.person)
    students.push(came)
    console.log(`# join: ${came.name} plays after ${took.toFixed(1)} s`)
  }
  expect(new Set(students.map((s) => s.name)).size, 'different names').toBe(3)
  for (const { name } of students) await teacher.getByText(name, { exact: true }).first().waitFor()
  await stage.getByText('3 here').waitFor()
})

test('everybody hears a note of one of them', async () => {
  await teacher.getByText('Everyone', { exact: true }).click()
  const [player, listener] = [student(0), student(1)]
  await listener.page.getByText('You hear everybody').waitFor()
  for (const page of [player.page, listener.page, stage]) await waitForSilence(page)
  const heard = Promise.all([waitForSound(player.page), waitForSound(listener.page), waitForSound(stage)])
  await playKey(player.page, 60)
  const [own, other, projector] = await heard
  console.log(`# sound: own ${own.toFixed(3)}, another's ${other.toFixed(3)}, stage ${projector.toFixed(3)}`)
  expect(other).toBeGreaterThan(AUDIBLE)
  expect(other, "others' notes are softer than one's own").toBeLessThan(own)
})

test('the computer keyboard plays too', async () => {
  const [player, listener] = [student(1), student(2)]
  await waitForSilence(listener.page)
  const heard = waitForSound(listener.page)
  await player.page.keyboard.press('KeyD', { delay: 150 })
  expect(await heard).toBeGreaterThan(AUDIBLE)
})

test('a muted student is silent, whatever their page sends', async () => {
  const [player, listener] = [student(0), student(1)]
  await teacher.getByRole('button', { name: `Mute ${player.name}` }).click()
  await player.page.getByText('Your teacher has muted you.').first().waitFor()
  await waitForSilence(listener.page)
  const heard = loudestWithin(listener.page, 1500)
  await player.page.locator('[data-note="60"]').click({ force: true })
  await player.page.keyboard.press('KeyA', { delay: 100 })
  const sent = await player.page.evaluate(() => (globalThis as unknown as Tapped).sendNoteAgain())
  expect(sent, 'a note is sent past the screen').toBe(true)
  expect(await heard).toBeLessThan(SILENT)

  await teacher.getByRole('button', { name: `Unmute ${player.name}` }).click()
  await player.page.locator('[data-note="60"][aria-disabled="false"]').waitFor()
  const again = waitForSound(listener.page)
  await player.page.evaluate(() => (globalThis as unknown as Tapped).sendNoteAgain())
  expect(await again, 'the same note, once they may play').toBeGreaterThan(AUDIBLE)
})

test("a student cannot open the teacher's screen", async () => {
  const bad = student(2).page
  await bad.goto(`${box.url}/teacher?room=${code}`)
  await bad.getByLabel('Password').waitFor()
  await bad.goBack()
  await bad.getByRole('button', { name: 'Play', exact: true }).click()
  await playing(bad)
  expect(await nameOf(bad), 'their seat').toBe(student(2).name)
})

test('all agree on the beat', async () => {
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: 'Play', exact: true }).click()
  await Promise.all([...pages(), teacher].map(runs))
  await pause(3000) // the clocks settle for three seconds after joining
  await expectAgreement('before')
})

test('after the box is unplugged all come back to their seats and the beat', { retry: 2 }, async () => {
  const beat = await student(0).page.evaluate(() => globalThis.downbeat?.beat ?? 0)
  await box.kill()
  await student(0).page.getByText('The box is away').first().waitFor({ timeout: 15_000 })
  const alone = await student(0).page.evaluate(() => globalThis.downbeat?.beat ?? 0)
  expect(alone, 'the beat goes on without the box').toBeGreaterThan(beat)
  const down = monotonic()
  await box.start()
  for (const { page, name } of students) {
    await playing(page)
    expect(await nameOf(page)).toBe(name)
  }
  console.log(
    `# restart: all three play again ${((monotonic() - down) / 1000).toFixed(1)} s after the start of the box`,
  )
  await stage.getByText('3 here').waitFor({ timeout: 30_000 })
  await Promise.all([...pages(), teacher].map(runs))
  await pause(3000)
  await expectAgreement('after a restart')
  const [player, listener] = [student(2), student(0)]
  await waitForSilence(listener.page)
  const heard = waitForSound(listener.page)
  await playKey(player.page, 64)
  expect(await heard, 'notes pass again').toBeGreaterThan(AUDIBLE)
})

test('a student who leaves finds their seat again, and the next student does not', async () => {
  const { page, name } = student(0)
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { name }).waitFor()
  await teacher.getByText(name, { exact: true }).first().waitFor()
  await page.getByRole('button', { name: 'I am somebody else' }).click()
  await page.getByLabel('Room code').waitFor()
  await teacher.getByText(name, { exact: true }).first().waitFor({ state: 'detached' })
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** The project's target for three pages and the box, ms. */
const AGREE_MS = 2

async function expectAgreement(when: string): Promise<void> {
  const a = await agreement(students.map((s) => s.page))
  console.log(
    `# beat ${when}: three pages against the machine's clock, ${a.count} readings: ` +
      `p50 ${a.p50.toFixed(3)} ms, p95 ${a.p95.toFixed(3)} ms, most ${a.most.toFixed(3)} ms; ` +
      `between pages p95 ${a.between.toFixed(3)} ms`,
  )
  expect(a.p95, 'ms').toBeLessThanOrEqual(AGREE_MS)
  expect(a.between, 'ms').toBeLessThanOrEqual(AGREE_MS)
}

function pages(): Page[] {
  return [...students.map((s) => s.page), stage]
}

/** Waits until the beat runs on a page. */
async function runs(page: Page): Promise<void> {
  await page.waitForFunction(() => (globalThis.downbeat?.beat ?? -1) > 0, undefined, { timeout: 30_000 })
}
