import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { roomState, timeline } from '../testing/room.ts'
import { Ledger } from './statesync.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A ledger on a box clock that starts at 2000 ms and runs with the timers. */
function setUp() {
  const start = performance.now()
  let asked = 0
  const ledger = new Ledger(
    () => 2000 + performance.now() - start,
    async () => {
      asked++
      throw new Error('offline')
    },
  )
  return { ledger, asked: () => asked }
}

const muted = (revision: number) => ({ revision, student_id: 'ada', muted: true })

test('events before the first state are part of it', () => {
  const { ledger, asked } = setUp()
  ledger.enter('student_muted', muted(99))
  expect([ledger.state.value, asked()]).toEqual([null, 0])
})

test('a gap asks for the state every 2 s until it comes', () => {
  const { ledger, asked } = setUp()
  ledger.enter('room_state', roomState())
  ledger.enter('student_muted', muted(14))
  ledger.enter('student_muted', muted(15))
  expect(asked()).toBe(1)
  expect(ledger.state.value).toEqual(roomState())
  vi.advanceTimersByTime(4_000)
  expect(asked()).toBe(3)
  ledger.enter('room_state', { ...roomState(), revision: 15 })
  vi.advanceTimersByTime(10_000)
  expect(asked()).toBe(3)
  ledger.enter('student_muted', muted(16))
  expect(ledger.state.value?.revision).toBe(16)
  expect(asked()).toBe(3)
})

test('a state without you keeps who I am', () => {
  const { ledger } = setUp()
  ledger.enter('room_state', roomState())
  ledger.enter('room_state', { ...roomState(), revision: 3, you: undefined })
  expect(ledger.state.value).toMatchObject({ revision: 3, you: { student_id: 'ada', seat: 0 } })
})

test('the next timeline becomes the present one at its time', () => {
  const { ledger } = setUp()
  ledger.enter('room_state', roomState())
  const next = { ...timeline, revision: 5, bpm: 120, time0: 4_000 }
  ledger.enter('tempo_changed', { ...next, room_revision: 13 })
  expect(ledger.state.value).toMatchObject({ timeline, next })
  vi.advanceTimersByTime(1_999)
  expect(ledger.state.value?.next).toEqual(next)
  vi.advanceTimersByTime(2)
  expect(ledger.state.value).toMatchObject({ timeline: next, next: null })
  expect(vi.getTimerCount()).toBe(0)
})

test('closing stops asking', () => {
  const { ledger, asked } = setUp()
  ledger.enter('room_state', { ...roomState(), next: { ...timeline, time0: 9_000 } })
  ledger.enter('student_muted', muted(20))
  ledger.close()
  vi.advanceTimersByTime(10_000)
  expect(asked()).toBe(1)
  expect(vi.getTimerCount()).toBe(0)
})
