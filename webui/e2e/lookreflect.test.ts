import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeEach, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SHOTS, SIZES } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// A question in a class of forty: the teacher's screens, a student's and the stage, in every size.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box

beforeEach(async () => {
  browser = await launch()
  demo = await Box.start('demo', '--students', '39')
})

afterEach(async () => {
  await browser?.close()
  await demo?.stop()
})

/** Takes a picture with the colours that a person has chosen for the whole machine. */
async function inForcedColours(page: Page, name: string): Promise<void> {
  await page.setViewportSize(SIZES.chromebook)
  await page.emulateMedia({ forcedColors: 'active' })
  await page.screenshot({ path: path.join(SHOTS, `${name}-forced.png`) })
  await page.emulateMedia({ forcedColors: 'none' })
}

test('a question and its answers', { timeout: 300_000 }, async () => {
  const { page: teacher, person } = await signIn(browser, demo, ROOM)
  await teacher.getByText('39 students here').waitFor()
  const { page: student } = await join(browser, demo, ROOM)
  const stage = await person.open(`${demo.url}/stage?room=${ROOM}`)
  await teacher.getByRole('button', { name: 'Think back' }).click()
  await look(teacher, 'asking')
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await student.getByRole('heading', { name: 'Which moment felt easy? Why?' }).waitFor()
  await look(student, 'reflect')
  await inForcedColours(student, 'reflect')
  await stage.getByText('0 of 40 kept').waitFor()
  await look(stage, 'stage-asked')
  await student.getByText('Bright').click()
  await student
    .getByLabel('Your words, if you like')
    .fill(`When we all came in together.\n${'longword'.repeat(30)}`)
  await student.getByText('I would like to talk').click()
  await look(student, 'reflect-filled')
  await inForcedColours(student, 'reflect-filled')
  await student.getByRole('button', { name: 'Keep it' }).click()
  await student.getByText('Kept on the box.').waitFor()
  await look(student, 'reflect-kept')
  await teacher.getByText('Would like to talk').waitFor()
  await look(teacher, 'asking-answers')
  await inForcedColours(teacher, 'asking-answers')
  await teacher.getByText('Keep, give out, forget').click()
  await teacher.getByRole('button', { name: 'Who has read answers' }).click()
  await teacher.getByRole('row').nth(1).waitFor()
  await teacher.getByRole('row').last().scrollIntoViewIfNeeded()
  await look(teacher, 'asking-keeping')
})
