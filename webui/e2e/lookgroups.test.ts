import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, SIZES } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// Groups in a class of forty: the teacher's screens, a student's and the stage, in every size.

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

test('eight groups, and what the teacher does to them', { timeout: 480_000 }, async () => {
  const { page: teacher, person } = await signIn(browser, demo, ROOM)
  await teacher.getByText('39 students here').waitFor()
  const { page: student, name } = await join(browser, demo, ROOM)
  const stage = await person.open(`${demo.url}/stage?room=${ROOM}`)
  await teacher.getByRole('button', { name: 'Groups', exact: true }).click()
  const dialog = teacher.getByRole('dialog')
  await dialog.getByLabel('How many').selectOption('8')
  await dialog.getByRole('button', { name: 'Deal by table' }).click()
  await dialog.getByText('Group 8', { exact: true }).waitFor()
  await look(teacher, 'groups-dialog')
  await lookForced(teacher, 'groups-dialog')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await look(teacher, 'groups')
  await lookForced(teacher, 'groups')
  await teacher.emulateMedia({ colorScheme: 'dark' })
  await look(teacher, 'groups-dark')
  await teacher.emulateMedia({ colorScheme: null })
  await student
    .locator('footer')
    .getByText(/^Group \d$/)
    .waitFor()
  await look(student, 'groups-student')
  await look(stage, 'groups-stage')
  await lookForced(stage, 'groups-stage')
  await teacher.locator('button[data-tile]', { hasText: name }).click()
  await look(teacher, 'groups-selected')
  await teacher.getByRole('button', { name: 'Play alone' }).click()
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: 'Listen in: Group 8' }).click()
  await teacher.getByRole('button', { name: 'All hear me' }).click()
  await teacher.getByText('Everybody hears you.').waitFor()
  await look(teacher, 'groups-on')
  await look(stage, 'groups-stage-on')
  await teacher.getByRole('button', { name: 'Español' }).click()
  await look(teacher, 'groups-on-es')
  await teacher.getByRole('button', { name: 'English' }).click()
  await teacher.getByRole('button', { name: 'Groups', exact: true }).click()
  await dialog.getByRole('button', { name: 'Deal by hand' }).click()
  await look(teacher, 'groups-by-hand')
  await teacher.getByRole('button', { name: 'Done' }).click()
  await teacher.setViewportSize(SIZES.phone)
  await teacher.getByRole('button', { name: /^Mode: / }).click()
  await look(teacher, 'groups-mode')
})
