import { expect, test } from 'vitest'
import { ada, ben, roomState } from '../testing/room.ts'
import { advise } from './advice.ts'
import type { NetworkReport } from './report.ts'
import type { Mode, RoomState } from './types.ts'

// 120 a minute with two steps a beat: half a step is 125 ms.
const room: RoomState = {
  ...roomState(),
  timeline: { ...roomState().timeline, bpm: 120 },
  grid: 2,
  listening: 'everyone',
  members: [ben],
}

const near: NetworkReport = {
  transport: 'webrtc',
  rtt_ms: 4,
  bound_ms: 0.4,
  loss: 0,
  queue_ms: 0,
  standing_ms: 0,
  audio_ms: 12,
  bluetooth: false,
}

/** A class of forty in which some devices are different. */
function classOf(usual: Partial<NetworkReport>, some = 0, other: Partial<NetworkReport> = {}) {
  const ids = Array.from({ length: 40 }, (_, i) => `s${i}`)
  const members = [ben, ...ids.map((student_id, seat) => ({ ...ada, student_id, seat }))]
  const reports = new Map(ids.map((id, i) => [id, { ...near, ...usual, ...(i < some && other) }]))
  return { room: { ...room, members }, reports }
}

test.each([
  ['a quick class', { rtt_ms: 4, audio_ms: 12 }, 'live', 16],
  ['just near enough', { rtt_ms: 10, audio_ms: 15 }, 'live', 25],
  ['usual Chromebooks on Wi-Fi', { rtt_ms: 20, audio_ms: 35 }, 'snap', 55],
  ['a crowded radio', { rtt_ms: 30, audio_ms: 35, queue_ms: 40 }, 'snap', 105],
  ['a very slow network', { rtt_ms: 100, audio_ms: 40 }, 'loop', 140],
] as const)('%s', (_, usual, mode, onewayMs) => {
  const { room, reports } = classOf(usual)
  expect(advise(room, reports)).toEqual({ mode, onewayMs, halfStepMs: 125 })
})

test('a few wireless headphones do not decide for the class; many do', () => {
  const wireless = { audio_ms: 200, bluetooth: true }
  const few = classOf({}, 3, wireless)
  expect(advise(few.room, few.reports)?.mode).toBe('live')
  const many = classOf({}, 10, wireless)
  expect(advise(many.room, many.reports)?.mode).toBe('loop')
})

test('nor does one of them in a small class', () => {
  const { room, reports } = classOf({})
  const six = [...reports].slice(0, 6)
  const odd = new Map([...six.slice(1), ['s0', { ...near, audio_ms: 200, bluetooth: true }]])
  expect(advise(room, odd)?.mode).toBe('live')
})

test('neither does one slow device, or one that claims to be slow', () => {
  const { room, reports } = classOf({})
  const fifteen = [...reports].slice(0, 15)
  const liar = { ...near, rtt_ms: 60_000, audio_ms: 60_000 }
  expect(advise(room, new Map([...fifteen.slice(1), ['s0', liar]]))?.mode).toBe('live')
})

test('the step of the grid counts: finer and faster music has less room', () => {
  const { room, reports } = classOf({ rtt_ms: 20, audio_ms: 60 }) // 80 ms
  expect(advise({ ...room, grid: 2 }, reports)?.mode).toBe('snap')
  expect(advise({ ...room, grid: 4 }, reports)?.mode).toBe('loop')
  const slower = { ...room.timeline, bpm: 60 }
  expect(advise({ ...room, grid: 4, next: slower }, reports)?.mode).toBe('snap')
})

test('when only the stage sounds, its loudspeaker counts', () => {
  const { room, reports } = classOf({ audio_ms: 200 })
  const stage = { ...ada, student_id: 'stage', seat: 60, role: 'stage' }
  const heard = { ...room, listening: 'stage' as const, members: [...room.members, stage] }
  expect(advise(heard, new Map([...reports, ['stage', near]]))?.mode).toBe('live')
  expect(advise(heard, reports)?.mode, 'a stage that tells nothing').toBe('loop')
})

test.each([
  ['live', 28, 'live'],
  ['live', 31, 'snap'],
  ['snap', 22, 'snap'],
  ['snap', 19, 'live'],
  ['snap', 128, 'snap'],
  ['snap', 131, 'loop'],
  ['loop', 122, 'loop'],
  ['loop', 119, 'snap'],
] as const)('advice does not flip back and forth: after %s, %i ms is %s', (before: Mode, onewayMs, mode) => {
  const { room, reports } = classOf({ rtt_ms: 4, audio_ms: onewayMs - 4 })
  expect(advise(room, reports, before)?.mode).toBe(mode)
})

test('a device with unknown sound latency does not count', () => {
  const some = classOf({ audio_ms: 0 }, 2, { audio_ms: 60 })
  expect(advise(some.room, some.reports)?.onewayMs).toBe(64)
  const none = classOf({ audio_ms: 0 })
  expect(advise(none.room, none.reports)).toBeNull()
})

test('without reports of students there is no advice', () => {
  const { room, reports } = classOf({})
  expect(advise(room, new Map())).toBeNull()
  const away = room.members.map((m) => ({ ...m, online: false }))
  expect(advise({ ...room, members: away }, reports)).toBeNull()
})
