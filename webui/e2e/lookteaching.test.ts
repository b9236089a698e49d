import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SHOTS } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// A lesson in a class of forty: the teacher's screens, a student's and the stage, in every size.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box

beforeAll(async () => {
  browser = await launch()
  demo = await Box.start('demo', '--students', '39')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

/** Takes the pictures of a screen, and those in the dark and in forced colours. */
async function lookAll(page: Page, name: string): Promise<void> {
  await look(page, name)
  await page.emulateMedia({ colorScheme: 'dark' })
  await look(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: null })
  await lookForced(page, name)
}

/** Prints a page, and returns how many sheets of paper that takes. */
async function sheetsOf(page: Page, name: string, format: 'A4' | 'Letter'): Promise<number> {
  await page.emulateMedia({ media: 'print' })
  await page.screenshot({ path: path.join(SHOTS, `${name}-${format}.png`) })
  await page.emulateMedia({ media: null })
  const margin = { top: '1cm', right: '1cm', bottom: '1cm', left: '1cm' }
  const pdf = await page.pdf({ format, margin, printBackground: true })
  writeFileSync(path.join(SHOTS, `${name}-${format}.pdf`), pdf)
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
}

/** Opens what else can be done with a plan. */
const more = (page: Page, plan: string) => page.getByLabel(`More: ${plan}`).click()

test('a lesson and its end', { timeout: 400_000 }, async () => {
  const { page: teacher, person } = await signIn(browser, demo, ROOM)
  const { page: student } = await join(browser, demo, ROOM)
  await teacher.getByText('40 students here').waitFor()
  const stage = await person.open(`${demo.url}/stage?room=${ROOM}`)
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  await teacher.getByRole('button', { name: 'Begin: Layers' }).waitFor()
  await lookAll(teacher, 'lessons')
  await teacher.getByRole('button', { name: 'Begin: Layers' }).click()
  for (const page of [teacher, student, stage]) {
    await page.getByText('Find your part. Say its rhythm quietly.').first().waitFor()
  }
  await lookAll(teacher, 'lesson-teacher')
  await lookAll(student, 'lesson-student')
  await lookAll(stage, 'lesson-stage')
  await teacher.getByRole('button', { name: 'All steps' }).click()
  await teacher.getByRole('button', { name: 'Go to step 6' }).waitFor()
  await look(teacher, 'lesson-steps')
  await teacher.getByRole('button', { name: 'Go to step 6' }).click()
  await student.getByRole('heading', { name: 'How did your section agree when to come in?' }).waitFor()
  await look(student, 'lesson-reflect')
  await teacher.getByRole('button', { name: 'End lesson' }).click()
  await teacher.getByText('0 of 40 kept').waitFor()
  await look(teacher, 'lesson-end')
  await teacher.getByRole('button', { name: 'End it now' }).click()
})

test('a lesson in Spanish', { timeout: 200_000 }, async () => {
  const { page: teacher } = await signIn(browser, demo, ROOM)
  await teacher.getByRole('button', { name: 'Español' }).click()
  await teacher.getByRole('button', { name: 'Lecciones' }).click()
  await look(teacher, 'lessons-es')
  await teacher.getByRole('button', { name: 'Empezar: Capas' }).click()
  await teacher.getByText('Busca tu parte. Di su ritmo en voz baja.').waitFor()
  await look(teacher, 'lesson-teacher-es')
  const stage = await teacher.context().newPage()
  await stage.goto(`${demo.url}/stage?room=${ROOM}`)
  await stage.getByText('Busca tu parte. Di su ritmo en voz baja.').waitFor()
  await look(stage, 'lesson-stage-es')
  await stage.close()
  await teacher.getByRole('button', { name: 'Pasos' }).click()
  await look(teacher, 'lesson-steps-es')
  await teacher.getByRole('button', { name: 'Terminar la lección' }).click()
  await teacher.getByRole('button', { name: 'Terminar ahora' }).click()
})

test('a plan is changed, and printed on one page', { timeout: 400_000 }, async () => {
  const { page: teacher } = await signIn(browser, demo, ROOM, () => {
    window.print = () => undefined
  })
  await teacher.getByText(/^39|40 students here$/).waitFor()
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  await more(teacher, 'Layers')
  await teacher.getByRole('button', { name: 'Make it mine' }).click()
  const own = teacher.getByRole('region', { name: 'Your plans' })
  await own.getByLabel('More: Layers').click()
  await own.getByRole('button', { name: 'Change' }).click()
  await teacher.getByLabel('More of step 1').click()
  await lookAll(teacher, 'lesson-edit')
  await teacher
    .getByRole('listitem', { name: 'Step 1', exact: true })
    .getByLabel('Parts')
    .scrollIntoViewIfNeeded()
  await look(teacher, 'lesson-edit-parts')
  await teacher.getByRole('button', { name: 'Cancel' }).click()
  await own.getByLabel('More: Layers').click()
  for (const format of ['A4', 'Letter'] as const) {
    await own.getByRole('button', { name: 'Print for a substitute' }).click()
    await teacher.locator('[data-print="only"]').waitFor({ state: 'attached' })
    expect(await sheetsOf(teacher, 'lesson-sheet', format), `sheets of ${format}`).toBe(1)
    await teacher.locator('[data-print="only"]').waitFor({ state: 'detached' })
  }
})

test('the longest plan fits one page too', { timeout: 400_000 }, async () => {
  const { page: teacher } = await signIn(browser, demo, ROOM, () => {
    window.print = () => undefined
  })
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  const step = {
    activity: 'layers',
    do: 'Play your part and listen to the others. '.repeat(3).slice(0, 120),
    note: 'Bring the groups in with your hand, one after another. '.repeat(12).slice(0, 600),
    minutes: 2,
    parts: Array.from({ length: 8 }, (_, i) => ({ role: `Group number ${i}`, beats: [i % 4] })),
    prompts: ['self_easy', 'relate_together', 'What did you hear?'],
  }
  const plan = { downbeat_lesson: 1, title: 'Long', steps: Array(24).fill(step) }
  await teacher
    .getByLabel('Take a plan from a file')
    .setInputFiles({ name: 'long.json', mimeType: 'text/plain', buffer: Buffer.from(JSON.stringify(plan)) })
  await teacher.getByLabel('More: Long').click()
  await teacher.getByRole('button', { name: 'Print for a substitute' }).first().click()
  await teacher.locator('[data-print="only"]').waitFor({ state: 'attached' })
  const height = await teacher.locator('[data-print="only"]').evaluate((e) => e.scrollHeight)
  expect(height, 'px of the sheet').toBeLessThanOrEqual(960)
  expect(await sheetsOf(teacher, 'lesson-sheet-long', 'Letter')).toBe(1)
})
