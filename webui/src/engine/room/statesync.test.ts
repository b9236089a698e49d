import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { beatAt, planFrom, type Timeline, timelineAt } from '../clock/timeline.ts'
import { roomState, timeline } from '../testing/room.ts'
import { StateSync } from './statesync.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A state sync on a box clock that starts at 2000 ms and runs with the timers. */
function setUp() {
  const start = performance.now()
  let asked = 0
  const stateSync = new StateSync(
    () => 2000 + performance.now() - start,
    async () => {
      asked++
      throw new Error('offline')
    },
  )
  return { stateSync, asked: () => asked }
}

const muted = (revision: number) => ({ revision, student_id: 'ada', muted: true })

test('events before the first state are ignored: the state includes them', () => {
  const { stateSync, asked } = setUp()
  stateSync.receive('student_muted', muted(99))
  expect([stateSync.state.value, asked()]).toEqual([null, 0])
})

test('a gap asks for the state every 2 s until it comes', () => {
  const { stateSync, asked } = setUp()
  stateSync.receive('room_state', roomState())
  stateSync.receive('student_muted', muted(14))
  stateSync.receive('student_muted', muted(15))
  expect(asked()).toBe(1)
  expect(stateSync.state.value).toEqual(roomState())
  vi.advanceTimersByTime(4_000)
  expect(asked()).toBe(3)
  stateSync.receive('room_state', { ...roomState(), revision: 15 })
  vi.advanceTimersByTime(10_000)
  expect(asked()).toBe(3)
  stateSync.receive('student_muted', muted(16))
  expect(stateSync.state.value?.revision).toBe(16)
  expect(asked()).toBe(3)
})

test('a state without you keeps the last you', () => {
  const { stateSync } = setUp()
  stateSync.receive('room_state', roomState())
  stateSync.receive('room_state', { ...roomState(), revision: 3, you: undefined })
  expect(stateSync.state.value).toMatchObject({ revision: 3, you: { student_id: 'ada', seat: 0 } })
})

test('the next timeline becomes the present one at its time', () => {
  const { stateSync } = setUp()
  stateSync.receive('room_state', roomState())
  const next = { ...timeline, revision: 5, bpm: 120, time0: 4_000 }
  stateSync.receive('tempo_changed', { ...next, room_revision: 13 })
  expect(stateSync.state.value).toMatchObject({ timeline, next })
  vi.advanceTimersByTime(1_999)
  expect(stateSync.state.value?.next).toEqual(next)
  vi.advanceTimersByTime(2)
  expect(stateSync.state.value).toMatchObject({ timeline: next, next: null })
  expect(vi.getTimerCount()).toBe(0)
})

test('closing ends the requests', () => {
  const { stateSync, asked } = setUp()
  stateSync.receive('room_state', { ...roomState(), next: { ...timeline, time0: 9_000 } })
  stateSync.receive('student_muted', muted(20))
  stateSync.close()
  vi.advanceTimersByTime(10_000)
  expect(asked()).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})

/** A room whose tempo changes, and a page that hears of it late; see sync/clock/vectors_test.go. */
interface PlanVector {
  start: Timeline[]
  changes: { now: number; plan: Timeline[] }[]
  heard: { at: number; change: number }[]
  reads: { at: number; revision: number; beat: number }[]
}

const plans = JSON.parse(
  readFileSync(new URL('../../../../sync/clock/testdata/plan.json', import.meta.url), 'utf8'),
) as PlanVector[]

/** tempo_changed, as the box sends it for a change. */
function tempoChanged({ changes }: PlanVector, i: number) {
  const timelines = changes[i]?.plan ?? []
  return { ...timelines.at(-1), timelines, room_revision: i + 1 }
}

test.each(plans.map((vector, i) => [i, vector] as const))(
  'a page that hears of changes up to 400 ms late, in any order, is on the timeline of the box: %i',
  (_, vector) => {
    let now = vector.changes[0]?.now ?? 0
    const { state, receive } = following(() => now)
    receive('room_state', { ...roomState(), revision: 0, ...planFrom(vector.start, now) })
    const heard = [...vector.heard]
    for (const read of vector.reads) {
      for (; heard[0] && heard[0].at <= read.at; heard.shift()) {
        now = heard[0].at
        receive('tempo_changed', tempoChanged(vector, heard[0].change))
      }
      now = read.at
      const line = timelineAt(state(), now)
      expect(line.revision, `at ${now}`).toBe(read.revision)
      expect(beatAt(line, now)).toBeCloseTo(read.beat, 5)
    }
  },
)

function following(now: () => number) {
  const stateSync = new StateSync(now, async () => {})
  const receive = stateSync.receive.bind(stateSync)
  const state = () => stateSync.state.value ?? roomState()
  return { state, receive }
}

test('a change that is too near to be cancelled comes, and then the one that follows it', () => {
  const { stateSync } = setUp()
  stateSync.receive('room_state', roomState())
  const faster = { ...timeline, revision: 5, bpm: 140, beat0: 4, time0: 2_030 }
  const slower = { ...timeline, revision: 6, bpm: 70, beat0: 8, time0: 3_700 }
  stateSync.receive('tempo_changed', { ...slower, timelines: [timeline, faster, slower], room_revision: 13 })
  const bpm = () => stateSync.state.value?.timeline.bpm
  expect([bpm(), stateSync.state.value?.next]).toEqual([timeline.bpm, slower])
  vi.advanceTimersByTime(31)
  expect([bpm(), stateSync.state.value?.next]).toEqual([140, slower])
  vi.advanceTimersByTime(2_000)
  expect([bpm(), stateSync.state.value?.next]).toEqual([70, null])
})

test('a change of the tempo counts although events before it are missing, and an older one does not', () => {
  const { stateSync, asked } = setUp()
  stateSync.receive('room_state', roomState())
  const at = (revision: number) => ({ ...timeline, revision, time0: 9_000 })
  stateSync.receive('tempo_changed', { ...at(7), timelines: [timeline, at(7)], room_revision: 20 })
  expect([stateSync.state.value?.next?.revision, asked()]).toEqual([7, 1])
  stateSync.receive('tempo_changed', { ...at(6), timelines: [timeline, at(6)], room_revision: 19 })
  expect(stateSync.state.value?.next?.revision).toBe(7)
})
