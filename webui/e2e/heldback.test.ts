import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launchOn, type Person } from './rig/browser.ts'
import { Lan } from './rig/lan.ts'
import { look } from './rig/look.ts'
import { join, playing, signIn } from './rig/people.ts'

// One device asks the box for far too much. The class and its teacher have other addresses.

const ROOM = 'MUSIC-2024'

let lan: Lan
let box: Box
let browsers: Browser[] = []
const people: Person[] = []

const isRoot = process.getuid?.() === 0
if (!isRoot) console.log('# a device that asks for too much: skipped, only root may make networks')

/** Takes seats and, over their sockets, subscribes to changes with filters that are slow on purpose. */
async function attack(page: Page, room: string, seats: number): Promise<void> {
  await page.evaluate(
    async ({ room, seats }) => {
      for (let i = 0; i < seats; i++) {
        const seat = await fetch('/box/v1/join', { method: 'POST', body: JSON.stringify({ code: room }) })
        const { token, topic } = await seat.json()
        const socket = new WebSocket(`ws://${location.host}/realtime/v1/websocket?vsn=2.0.0&apikey=${token}`)
        await new Promise((opened) => socket.addEventListener('open', opened))
        const say = (topic: string, config: unknown) =>
          socket.send(JSON.stringify(['1', '1', `realtime:${topic}`, 'phx_join', { config }]))
        say(topic, {})
        for (let j = 0; j < 15; j++) {
          const changes = Array.from({ length: 90 }, (_, k) => ({
            event: '*',
            schema: 'public',
            table: 'lesson_plans',
            filter: `title=match."(.{0,70}){3}${i}-${j}-${k}$"`,
          }))
          say(`plans${j}`, { postgres_changes: changes })
        }
      }
    },
    { room, seats },
  )
}

describe.skipIf(!isRoot)('a device that asks for too much', () => {
  beforeAll(async () => {
    lan = await Lan.start()
    box = await Box.startOn(lan.on('box'), 'demo', '--students', '8')
    browsers = await Promise.all([launchOn(lan, 'ann'), launchOn(lan, 'ben')])
  }, 60_000)

  afterAll(async () => {
    await Promise.all(browsers.map((b) => b.close()))
    await box?.stop()
    await lan?.stop()
  })

  test('the teacher reads whose it is, and removes them', { timeout: 240_000 }, async () => {
    const [anns, bens] = browsers
    if (!anns || !bens) throw new Error('there are no browsers')
    const teacher = await signIn(bens, box, ROOM)
    const student = await join(anns, box, ROOM)
    people.push(teacher.person, student.person)
    await attack(student.page, ROOM, 2)
    const notice = teacher.page.getByText(/A device with 3 seats, .* among them, asks the box for too much/)
    await notice.waitFor()
    await playing(student.page) // it is held back, and no more
    await look(teacher.page, 'teacher-heldback')
    await teacher.page.getByRole('button', { name: 'Remove all 3' }).click()
    await look(teacher.page, 'teacher-heldback-remove')
    await teacher.page
      .getByRole('dialog')
      .getByRole('button', { name: /Remove/ })
      .click()
    await student.page.getByText('Your teacher took you out of this room.').waitFor()
    const device = teacher.page.getByText(/The device at 198\.18\.0\.\d+ asks the box for too much/)
    await device.waitFor()
    await teacher.page.getByRole('button', { name: 'I know' }).click()
    await device.waitFor({ state: 'hidden' })
  })

  test('no page has met an error', () => {
    expect(people.flatMap((p) => p.errors)).toEqual([])
  })
})
