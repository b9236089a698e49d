import type { Browser, Page } from 'playwright-core'
import { afterEach, beforeEach, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch } from './rig/browser.ts'
import { type ClassReply, enterMusic, makeClass } from './rig/checkinclass.ts'
import { look, lookForced } from './rig/look.ts'
import { join, signIn } from './rig/people.ts'

// A check-in of a class of forty: the class list, the teacher's screens, both cards and the stage, in every size.

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

/** A name as long as names may be, and thirty-nine others. */
const NAMES = [
  'Ana María de los Ángeles Fernández-Villaverde y López',
  ...Array.from({ length: 39 }, (_, i) => `Child ${i + 1}`),
]

/** Takes a seat for each of these children, and answers for them. */
function answer(page: Page, children: ClassReply['children']): Promise<void> {
  return page.evaluate(
    async ([all, code]) => {
      const post = (path: string, body: unknown, token = '') =>
        fetch(path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', apikey: token, authorization: `Bearer ${token}` },
          body: JSON.stringify(body),
        })
      for (const [i, child] of all.entries()) {
        const { token } = await (await post('/box/v1/join', { code })).json()
        await post('/box/v1/me/music', { music: child.music }, token)
        await post('/rest/v1/check_ins', { inner_tempo: i < 6 ? 3 : 1, inner_key: i < 6 ? 3 : 2 }, token)
      }
    },
    [children, ROOM] as const,
  )
}

async function inTheDark(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' })
  await look(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: null })
}

test('a check-in of a class of forty', { timeout: 600_000 }, async () => {
  const { page: teacher, person } = await signIn(browser, demo, ROOM)
  await teacher.getByText('39 students here').waitFor()
  const made = await makeClass(teacher, ROOM, NAMES)
  const { page: student } = await join(browser, demo, ROOM)
  const stage = await person.open(`${demo.url}/stage?room=${ROOM}`)
  await teacher.getByRole('button', { name: 'Check-in', exact: true }).click()
  await look(teacher, 'checkin-ask')
  await teacher.getByRole('button', { name: 'Ask the class' }).click()
  await student.getByRole('heading', { name: 'How shall the music sound?' }).waitFor()
  await look(student, 'checkin-opener')
  await enterMusic(student, made.children[0]?.music ?? [])
  await student.getByRole('heading', { name: 'How do you feel right now?' }).waitFor()
  await look(student, 'checkin-card')
  await student.getByRole('radio', { name: 'Fast, Sunny' }).click()
  await look(student, 'checkin-chosen')
  await inTheDark(student, 'checkin-chosen')
  await lookForced(student, 'checkin-chosen')
  await student.getByRole('button', { name: 'Keep it' }).click()
  await student.getByText('Kept on the box.').waitFor()
  await look(student, 'checkin-kept')
  await answer(teacher, made.children.slice(1, 11))
  await look(stage, 'stage-checkin')
  await look(teacher, 'checkin-running')
  await teacher.getByRole('button', { name: 'End the check-in' }).click()
  await teacher.getByRole('cell', { name: '7', exact: true }).waitFor()
  await look(teacher, 'checkin-sum')
  await inTheDark(teacher, 'checkin-sum')
  await lookForced(teacher, 'checkin-sum')
  await teacher.goto(`${demo.url}/teacher`)
  await teacher.getByRole('button', { name: 'Open the list' }).click()
  await look(teacher, 'class-checkin')
  await teacher.getByRole('button', { name: 'Check-in', exact: true }).click()
  await look(teacher, 'class-consent')
  await lookForced(teacher, 'class-consent')
})
