import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launchOn } from './rig/browser.ts'
import { type Host, Lan } from './rig/lan.ts'
import { look } from './rig/look.ts'
import { signIn } from './rig/people.ts'

// Names that cannot work, and what the teacher reads of them.

const ROOM = 'MUSIC-2024'
/** How long a page may take to show what is wrong on a busy machine, ms. */
const SHOWN_MS = 60_000

let lan: Lan
let browser: Browser
const boxes: Box[] = []

const isRoot = process.getuid?.() === 0
if (!isRoot) console.log('# names that cannot work: skipped, only root may make networks')

/** Opens the room of a new box on a host, as its teacher. */
async function boxOn(host: Host): Promise<{ box: Box; page: Page }> {
  const box = await Box.startOn(lan.on(host), 'demo', '--students', '0')
  boxes.push(box)
  box.host = lan.address(host)
  const { page } = await signIn(browser, box, ROOM)
  return { box, page }
}

/** A program that has the port of multicast DNS for itself, in Python: Node.js always shares it. */
const HOG = `
import socket, time
four = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
four.bind(("", 5353))
six = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
six.bind(("::", 5353))
print("ready", flush=True)
time.sleep(600)
`

/** Starts that program on a host. */
async function takePort(host: Host): Promise<ChildProcess> {
  const [program = '', ...args] = [...lan.on(host), 'python3', '-c', HOG]
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child
}

describe.skipIf(!isRoot)('as root, because it makes networks', () => {
  beforeAll(async () => {
    lan = await Lan.start()
    browser = await launchOn(lan, 'ann')
  }, 60_000)

  afterEach(async () => {
    for (const box of boxes.splice(0)) await box.stop()
  })

  afterAll(async () => {
    await browser?.close()
    await lan?.stop()
  })

  test('another box has the name', { timeout: 240_000 }, async () => {
    const first = await boxOn('box')
    await first.page.getByText(`or downbeat.local:${first.box.port}`).waitFor({ timeout: SHOWN_MS })
    const second = await boxOn('ben')
    const notice = second.page
      .getByRole('status')
      .filter({ hasText: 'Another box here is called downbeat.local' })
    await notice.getByText(`${lan.address('ben')}:${second.box.port}`).waitFor({ timeout: SHOWN_MS })
    await second.page.getByText(/or downbeat-\w{4}\.local:/).waitFor({ timeout: SHOWN_MS })
    await look(second.page, 'teacher-contested')
    await notice.getByRole('button', { name: 'I know' }).click()
    await second.page.reload()
    await second.page.getByText(/or downbeat-\w{4}\.local:/).waitFor({ timeout: SHOWN_MS })
    expect(await notice.count(), 'notices that the teacher knows').toBe(0)
  })

  test('another program has the port', { timeout: 240_000 }, async () => {
    const program = await takePort('box')
    try {
      const { page, box } = await boxOn('box')
      const notice = page.getByRole('status').filter({ hasText: 'Another program on the box blocks names' })
      await notice.getByText(`${lan.address('box')}:${box.port}`).waitFor({ timeout: SHOWN_MS })
      const health = await page.evaluate(async () => (await fetch('/healthz')).json())
      expect(health).toMatchObject({ status: 'ok', names: { state: 'on', problem: 'port_taken' } })
      program.kill()
      await page.getByText(`or downbeat.local:${box.port}`).waitFor({ timeout: SHOWN_MS })
      expect(await notice.count(), 'notices after the program has ended').toBe(0)
    } finally {
      program.kill()
    }
  })
})
