import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, onTestFailed, test } from 'vitest'
import { Box, pause } from './rig/box.ts'
import {
  AUDIBLE,
  launch,
  loudestWithin,
  type Person,
  takePictures,
  waitForSilence,
  waitForSound,
} from './rig/browser.ts'
import { monotonic, pageZero } from './rig/machine.ts'
import { join, signIn } from './rig/people.ts'
import { type Tab, Tabs } from './rig/tabs.ts'

// A student holds a key of an organ, and their device or page vanishes. Another student listens. The
// player's browser is a process of its own, which the test can stop as a shut lid does.

const ROOM = 'MUSIC-2024'
/** How long until others know that the note has ended: after the last sign of life, and after the page says that it goes, ms. */
const VANISHED_MS = 5_000
const GONE_MS = 500
/** How long a page looks back to find its loudest sample, ms: less than 32,768 samples at 48 kHz. */
const WINDOW_MS = 680
/** How long an organ takes to fade, and a busy machine to render that, ms. */
const FADE_MS = 1_000
/** How long a living player's note is held, ms. */
const HELD_MS = 12_000

let listeners: Browser
let box: Box
let listener: Page
const people: Person[] = []
let players: Tabs | undefined
let resume = () => {}

beforeAll(async () => {
  box = await Box.start('demo', '--students', '0')
  listeners = await launch()
  const teacher = await signIn(listeners, box, ROOM)
  await teacher.page.getByText('Everyone', { exact: true }).click()
  const student = await join(listeners, box, ROOM)
  people.push(teacher.person, student.person)
  listener = student.page
})

afterEach(async () => {
  resume()
  resume = () => {}
  await players?.close()
  players = undefined
})

afterAll(async () => {
  await listeners?.close()
  await box?.stop()
})

const WAYS = ['webrtc', 'websocket'] as const
type Way = (typeof WAYS)[number]

/** What happens to the player, and how long their note may be heard then, ms. */
const FATES: [string, number, (player: Tab) => Promise<void>][] = [
  ['its device sleeps', VANISHED_MS, () => stop('all')],
  ['its process stands still', VANISHED_MS, () => stop('pages')],
  ['it is frozen', GONE_MS, freeze],
  ['another tab hides it', GONE_MS, async () => void (await players?.open('about:blank'))],
  ['it is left for another page', GONE_MS, (player) => player.evaluate("location.href = '/healthz'")],
]

test.each(WAYS.flatMap((way) => FATES.map(([what, within, happen]) => ({ way, what, within, happen }))))(
  'by $way, a page holds a key, and $what',
  async ({ way, what, within, happen }) => {
    onTestFailed(() => takePictures(people, 'vanish-failed'))
    const player = await hold(way)
    const end = await watchEnds()
    const began = monotonic()
    await happen(player)
    await waitForSilence(listener)
    const silent = monotonic() - WINDOW_MS - began
    const ended = (await end()) - began
    const seconds = (ms: number) => (ms / 1000).toFixed(2)
    console.log(
      `# vanish: by ${way}, ${what}: ended after ${seconds(ended)} s, silent after ${seconds(silent)} s`,
    )
    expect(ended, 'ms until the end').toBeLessThan(within)
    expect(silent, 'ms until silence').toBeLessThan(within + FADE_MS)
  },
)

test.each(WAYS)('by %s, a living player may hold a key for long', async (way) => {
  await hold(way)
  await pause(HELD_MS)
  expect(await loudestWithin(listener, 100)).toBeGreaterThan(AUDIBLE)
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

/** Joins by one way alone, and holds a key of an organ until the listener hears it. */
async function hold(way: Way): Promise<Tab> {
  players = new Tabs()
  const player = await players.open(`${box.url}/join?code=${ROOM}`, way === 'websocket' ? FORBID_PEERS : '')
  await player.press('Play')
  await player.until("document.querySelector('[data-note]')")
  await player.until(`globalThis.downbeat?.transport === '${way}'`)
  await player.until('globalThis.downbeat?.boundMs < 50')
  await player.evaluate("document.querySelector('[data-instrument]').click()")
  await player.until("document.querySelector('input[value=organ]')")
  await player.evaluate("document.querySelector('input[value=organ]').click()")
  await player.evaluate("document.querySelector('input[value=organ]').form.requestSubmit()")
  await player.until("document.querySelector('[data-instrument=organ]')")
  await player.until("!document.querySelector('input[value=organ]')")
  await pressUntilHeard(player)
  await pause(1_000)
  expect(await loudestWithin(listener, 100), 'an organ, which does not fade').toBeGreaterThan(AUDIBLE)
  return player
}

/** Presses the key. On a busy machine a note may be dropped as too late: then again. */
async function pressUntilHeard(player: Tab): Promise<void> {
  for (let tries = 5; ; tries--) {
    await waitForSilence(listener)
    await player.evaluate(touch('pointerdown'))
    if ((await waitForSound(listener, 3_000).catch(() => 0)) > AUDIBLE) return
    expect(tries, 'tries left for a note that may be too late').toBeGreaterThan(1)
    await player.evaluate(touch('pointerup'))
  }
}

/**
 * Listens as a plain Supabase program. Returns what waits for the end of a note, and returns when it
 * came, CLOCK_MONOTONIC, ms.
 */
async function watchEnds(): Promise<() => Promise<number>> {
  const zero = await pageZero(listener)
  const token = await box.token('anon')
  const watch = await listener.evaluateHandle(
    async (join) => {
      const socket = new WebSocket(
        `ws://${location.host}/realtime/v1/websocket?vsn=1.0.0&apikey=${join.token}`,
      )
      await new Promise((resolve) => socket.addEventListener('open', resolve))
      const message = new Promise<number>((resolve) => {
        socket.addEventListener('message', ({ data, timeStamp }) => {
          if (JSON.parse(data).payload?.event === 'student_note_off') resolve(timeStamp)
        })
      })
      const joined = new Promise((resolve) => {
        socket.addEventListener('message', ({ data }) => JSON.parse(data).ref === '1' && resolve(undefined))
      })
      socket.send(JSON.stringify({ topic: join.topic, event: 'phx_join', payload: { config: {} }, ref: '1' }))
      await joined
      return { at: message.finally(() => socket.close()) }
    },
    { token, topic: `realtime:music_room:${ROOM}` },
  )
  return async () => zero + (await watch.evaluate(({ at }) => at))
}

const FORBID_PEERS = 'delete globalThis.RTCPeerConnection'

function touch(event: 'pointerdown' | 'pointerup'): string {
  return `document.querySelector('[data-note="62"]').dispatchEvent(
    new PointerEvent('${event}', { bubbles: true, pointerId: 1, pointerType: 'touch' }))`
}

async function stop(which: 'all' | 'pages'): Promise<void> {
  if (players) resume = await players.stop(which)
}

async function freeze(player: Tab): Promise<void> {
  await player.send('Page.setWebLifecycleState', { state: 'frozen' })
}
