import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NoteEvent } from '../src/engine/wire/notes.ts'
import { Box, freePort, pause } from './rig/box.ts'
import {
  AUDIBLE,
  launch,
  Person,
  playKey,
  pressKey,
  takePictures,
  waitForSilence,
  waitForSound,
} from './rig/browser.ts'
import { monotonic, pageZero } from './rig/machine.ts'
import { joinAs, signIn } from './rig/people.ts'
import { Relay } from './rig/relay.ts'
import { steps } from './rig/steps.ts'
import type { Tapped } from './rig/tap.ts'

// Two students and a teacher on a plain-http address. The test can block UDP.

const ROOM = 'MUSIC-2024'
/** The longest time until the WebSocket takes over from a blocked lane, ms. */
const TAKEOVER_MS = 3_000

let browser: Browser
let box: Box
let relay: Relay
const people: Person[] = []
let teacher: Page
let player: Page
let listener: Page
let name: string

beforeAll(async () => {
  browser = await launch()
  const port = await freePort('udp4')
  box = await Box.start('demo', '--students', '0', '--rtc-port', String(port))
  relay = await Relay.start(port)
  const came = await signIn(browser, box, ROOM)
  people.push(came.person)
  teacher = came.page
  await teacher.getByText('Everyone', { exact: true }).click()
})

afterAll(async () => {
  await browser?.close()
  relay?.stop()
  await box?.stop()
})

steps(async () => {
  for (const person of people)
    for (const page of person.context.pages())
      console.log(
        '#',
        page.url(),
        JSON.stringify(await page.evaluate(() => [globalThis.downbeat?.lane, globalThis.downbeat?.notes])),
      )
  await takePictures(people, 'lane-failed')
})

test('the lane comes up beside the WebSocket, on an insecure origin', async () => {
  const [a, b] = [await student(), await student()]
  player = a.page
  name = a.name
  listener = b.page
  expect(await player.evaluate(() => isSecureContext), 'whether the origin is secure').toBe(false)
  for (const page of [player, listener]) await waitForTransport(page, 'webrtc', 5_000)
  expect(relay.packets, 'packets by the relay').toBeGreaterThan(0)
  const took = await player.evaluate(() => globalThis.downbeat?.lane?.rttMs)
  console.log(`# lane: up on two pages, round trip ${took?.toFixed(2)} ms`)
})

test('a note sounds over it, and no note takes the WebSocket', async () => {
  const before = await notesBy(player)
  await expectHeard()
  const after = await notesBy(player)
  expect(after.websocket).toBe(before.websocket)
  expect(after.webrtc).toBeGreaterThan(before.webrtc)
})

test('UDP is blocked: the WebSocket takes over within three seconds, and the room loses nothing', async () => {
  const key = await pressKey(player, 62)
  await waitForSound(listener)
  const moves = [await watchMove(player), await watchMove(listener)]
  relay.blocked = true
  const blocked = monotonic()
  await teacher.getByRole('button', { name: `Mute ${name}` }).click()
  await player.getByText('Your teacher has muted you.').first().waitFor()
  await teacher.getByRole('button', { name: `Unmute ${name}` }).click()
  await key.release()
  for (const at of await Promise.all(moves.map((moved) => moved()))) {
    console.log(`# lane: blocked, and by WebSocket after ${(at - blocked).toFixed(0)} ms`)
    expect(at - blocked).toBeLessThan(TAKEOVER_MS)
  }
  await waitForSilence(listener) // so the end of the held note was not lost
  await player.locator('[data-note="60"][aria-disabled="false"]').waitFor()
  await expectHeard()
  expect(await revisionOf(player), 'the revision of the room on both pages').toEqual(
    await revisionOf(listener),
  )
})

test('UDP is back: the lane comes up again, and notes sound', async () => {
  relay.blocked = false
  const back = monotonic()
  await Promise.all([player, listener].map((page) => waitForTransport(page, 'webrtc', 40_000)))
  console.log(`# lane: up again ${((monotonic() - back) / 1000).toFixed(1)} s after UDP was back`)
  const before = await notesBy(player)
  await expectHeard()
  expect((await notesBy(player)).websocket).toBe(before.websocket)
})

test('after a change of network the lane is tried at once', async () => {
  relay.blocked = true
  await waitForTransport(player, 'websocket', TAKEOVER_MS)
  await pause(8_000) // several attempts have failed
  relay.blocked = false
  await player.evaluate(() => window.dispatchEvent(new Event('online')))
  await waitForTransport(player, 'webrtc', 6_000)
  await waitForTransport(listener, 'webrtc', 40_000)
})

test('no peer is left behind', async () => {
  for (const page of [player, listener]) {
    const { made, closed } = await page.evaluate(() => (globalThis as unknown as Tapped).peers)
    console.log(`# lane: ${made} peers made, ${closed} closed`)
    expect(made - closed).toBe(1)
  }
})

test('with UDP blocked joining takes no longer', async () => {
  relay.blocked = true
  const began = monotonic()
  const { page, person } = await student()
  console.log(`# lane: joined with UDP blocked after ${((monotonic() - began) / 1000).toFixed(1)} s`)
  expect(await page.evaluate(() => globalThis.downbeat?.transport)).toBe('websocket')
  relay.blocked = false
  await person.context.close()
  people.pop()
})

test('if policy forbids peers everything takes the WebSocket', async () => {
  const { page, person } = await student(() => {
    globalThis.RTCPeerConnection = function forbidden() {
      throw new DOMException('policy', 'NotAllowedError')
    } as unknown as typeof RTCPeerConnection
  })
  await playKey(page, 60)
  expect(await notesBy(page)).toMatchObject({ webrtc: 0 })
  expect(await page.evaluate(() => globalThis.downbeat?.lane)).toMatchObject({ ups: 0, why: 'refused' })
  expect(person.errors).toEqual([])
  await person.context.close()
  people.pop()
})

test('an unchanged supabase-js gets the lane through its transport option', async () => {
  const token = await box.token('anon')
  const person = await Person.create(browser)
  people.push(person)
  await relay.routeThrough(person.context)
  const page = await person.open(`${box.url}/healthz`)
  await page.addScriptTag({ content: readFileSync(SUPABASE, 'utf8') })
  const content = "import * as all from '/downbeat-socket.js'; globalThis.library = all"
  await page.addScriptTag({ type: 'module', content })
  await page.waitForFunction('globalThis.library')
  const outcome = await page.evaluate(playWithSupabase, { url: box.url, token, topic: `music_room:${ROOM}` })
  console.log(`# lane: supabase-js heard ${JSON.stringify(outcome)}`)
  expect(outcome).toMatchObject({
    status: 'SUBSCRIBED',
    transport: 'webrtc',
    heard: [{ velocity: 100 }, { velocity: 0 }],
  })
  expect(outcome.lanes).toMatchObject([{ state: 'up' }, { state: 'up' }])
})

test('no page has met an error', () => {
  expect(people.flatMap((p) => p.errors)).toEqual([])
})

const SUPABASE = path.resolve(
  import.meta.dirname,
  '../node_modules/@supabase/supabase-js/dist/umd/supabase.js',
)

/** Joins a student whose UDP takes the relay, and waits until they are in time. */
async function student(...scripts: (() => void)[]) {
  const person = await Person.create(browser)
  people.push(person)
  for (const script of scripts) await person.context.addInitScript(script)
  await relay.routeThrough(person.context)
  return joinAs(person, box, ROOM)
}

/** Waits until the notes of a page take a transport. */
async function waitForTransport(
  page: Page,
  transport: 'webrtc' | 'websocket',
  timeout: number,
): Promise<void> {
  await page.waitForFunction((way) => globalThis.downbeat?.transport === way, transport, {
    timeout,
    polling: 20,
  })
}

/** Expects a note of the player to sound at the listener. On a busy machine a note may be dropped as too late. */
async function expectHeard(): Promise<void> {
  for (let tries = 5; ; tries--) {
    await waitForSilence(listener)
    const sounds = waitForSound(listener, 3_000).catch(() => 0)
    await playKey(player, 60)
    if ((await sounds) > AUDIBLE) return
    expect(tries, 'tries left for a note that may be too late').toBeGreaterThan(1)
    console.log(
      `# lane: a note was not heard: ${JSON.stringify(await listener.evaluate(() => globalThis.downbeat?.notes))}`,
    )
  }
}

/** Watches a page. Returns when its notes moved to the WebSocket, CLOCK_MONOTONIC, ms. */
async function watchMove(page: Page): Promise<() => Promise<number>> {
  const zero = await pageZero(page)
  const watch = await page.evaluateHandle(() => {
    const moved = new Promise<number>((resolve) => {
      const timer = setInterval(() => {
        if (globalThis.downbeat?.transport !== 'websocket') return
        clearInterval(timer)
        resolve(performance.now())
      }, 10)
    })
    return { moved }
  })
  return async () => zero + (await watch.evaluate(({ moved }) => moved))
}

function notesBy(page: Page) {
  return page.evaluate(() => ({ ...(globalThis as unknown as Tapped).notesBy }))
}

/** Returns the revision of the room that a page has. */
function revisionOf(page: Page) {
  return page.evaluate(() => globalThis.downbeat?.revision ?? -1)
}

interface Wish {
  url: string
  token: string
  topic: string
}

/** Runs in a page: of two supabase-js clients one plays, and the other hears it. */
async function playWithSupabase({ url, token, topic }: Wish) {
  interface Channel {
    on(type: string, filter: { event: string }, fn: (m: { payload: ArrayBuffer }) => void): Channel
    subscribe(fn: (status: string) => void): Channel
    send(message: unknown): Promise<unknown>
  }
  interface Client {
    channel(topic: string): Channel
  }
  const { supabase, library } = globalThis as unknown as {
    supabase: { createClient(...args: unknown[]): Client }
    library: typeof import('../src/downbeat-socket.ts')
  }
  const { DownbeatSocket, decodeRoomFrame, encodeNotesUp } = library
  const sockets: InstanceType<typeof DownbeatSocket>[] = []
  class Kept extends DownbeatSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols)
      sockets.push(this)
    }
  }
  const heard: NoteEvent[] = []
  const clients: { channel: Channel; status: string }[] = []
  for (const who of ['ann', 'ben']) {
    const client = supabase.createClient(url, token, {
      realtime: { transport: Kept, params: { frames: '1' } },
    })
    const channel = client.channel(topic)
    channel.on('broadcast', { event: 'n' }, ({ payload }) => {
      for (const e of decodeRoomFrame(new Uint8Array(payload))?.events ?? [])
        if (who === 'ben' && e.note === 64) heard.push(e)
    })
    const status = await new Promise<string>((resolve) => channel.subscribe(resolve))
    clients.push({ channel, status })
  }
  const [ann] = clients
  const up = () => sockets.every((s) => s.lane?.state === 'up')
  await until(up)
  let seq = 0
  for (const velocity of [100, 0]) {
    const payload = encodeNotesUp([{ seq: ++seq, at: 0, note: 64, velocity }]).buffer
    await ann?.channel.send({ type: 'broadcast', event: 'n', payload })
  }
  await until(() => heard.length >= 2)
  await new Promise((resolve) => setTimeout(resolve, 700)) // so that repeats would arrive too
  return {
    status: ann?.status,
    transport: up() ? 'webrtc' : 'websocket',
    lanes: sockets.map((s) => s.lane),
    heard,
  }

  async function until(holds: () => boolean) {
    const deadline = performance.now() + 10_000
    while (!holds() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
