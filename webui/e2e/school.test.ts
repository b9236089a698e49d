import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { enterMusic, makeClass } from './rig/checkinclass.ts'
import { look } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'
import { Postgres } from './rig/postgres.ts'

// A student's words on their way: the page, the box, the school's Postgres.

const ROOM = 'MUSIC-2024'

let browser: Browser
let school: Postgres
let demo: Box

beforeAll(async () => {
  browser = await launch()
}, 120_000)

beforeEach(async () => {
  school = await Postgres.start()
  demo = await Box.start('demo', '--students', '3', '--upstream', school.boxUrl)
}, 120_000)

afterEach(async () => {
  await demo?.stop()
  await school?.stop()
})

afterAll(() => browser?.close())

test('words reach the school once it is prepared', { timeout: 180_000 }, async () => {
  const { page: teacher } = await signIn(browser, demo, ROOM)
  const { page: student } = await join(browser, demo, ROOM)
  await teacher.getByRole('button', { name: 'Think back' }).click()
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await student.getByLabel('Your words, if you like').fill('We all came in together.')
  await student.getByRole('button', { name: 'Keep it' }).click()
  await student.getByText('Kept on the box.').waitFor()
  await demo.migrate(school.url)
  await school.admit()
  await student.getByText('At the school.').waitFor({ timeout: 120_000 })
  await look(student, 'reflect-at-school')
  expect(await school.query('select shared, sealed is not null, text is null from reflections')).toBe('f|t|t')
})

test('a check-in reaches the school that wants it, sealed', { timeout: 180_000 }, async () => {
  await demo.stop()
  const tables = 'lesson_plans,reflections,check_ins'
  demo = await Box.start('demo', '--students', '0', '--upstream', school.boxUrl, '--upstream-tables', tables)
  await demo.migrate(school.url)
  await school.admit()
  const { page: teacher } = await signIn(browser, demo, ROOM)
  const made = await makeClass(teacher, ROOM, ['Ana'])
  const { page: student } = await join(browser, demo, ROOM)
  await teacher.getByRole('button', { name: 'Check-in', exact: true }).click()
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await enterMusic(student, made.children[0]?.music ?? [])
  await student.getByRole('radio', { name: 'Slow, Cloudy' }).click()
  await student.getByRole('button', { name: 'Keep it' }).click()
  await student.getByText('At the school.').waitFor({ timeout: 120_000 })
  const row = await school.query(
    'select sealed is not null, num_nonnulls(student_id, inner_tempo, inner_key) from check_ins',
  )
  expect(row).toBe('t|0')
})
