import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// A lesson in a class of twelve: the teacher's screens, a student's and the stage, in every size.

const ROOM = 'MUSIC-2024'

let browser: Browser
let demo: Box

beforeAll(async () => {
  browser = await launch()
  demo = await Box.start('demo', '--students', '11')
})

afterAll(async () => {
  await browser?.close()
  await demo?.stop()
})

test('the plans, a lesson and its end', { timeout: 240_000 }, async () => {
  const { page: teacher, person } = await signIn(browser, demo, ROOM)
  await teacher.getByText('11 students here').waitFor()
  const { page: student } = await join(browser, demo, ROOM)
  const stage = await person.open(`${demo.url}/stage?room=${ROOM}`)
  await teacher.getByRole('button', { name: 'Lessons' }).click()
  await teacher.getByRole('button', { name: 'Begin: Layers' }).waitFor()
  await look(teacher, 'lessons')
  await teacher.getByRole('button', { name: 'Begin: Layers' }).click()
  await student.getByText('Find your part. Say its rhythm quietly.').waitFor()
  await stage.getByText('Find your part. Say its rhythm quietly.').waitFor()
  await look(teacher, 'lesson-teacher')
  await look(student, 'lesson-student')
  await look(stage, 'lesson-stage')
  await teacher.getByRole('button', { name: 'All steps' }).click()
  await teacher.getByRole('button', { name: 'Go to step 6' }).waitFor()
  await look(teacher, 'lesson-steps')
  await teacher.getByRole('button', { name: 'Go to step 6' }).click()
  await student.getByRole('heading', { name: 'How did your section agree when to come in?' }).waitFor()
  await look(student, 'lesson-reflect')
  await teacher.getByRole('button', { name: 'End lesson' }).click()
  await teacher.getByText('0 of 12 kept').waitFor()
  await look(teacher, 'lesson-end')
})
