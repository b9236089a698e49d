import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Cell } from '../../../engine/cell.ts'
import { PushError } from '../../../engine/link/push.ts'
import type { Connection, RoomState } from '../../../engine/room/types.ts'
import { Foresight } from './optimistic.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const told = { quiet: false, members: [] } as unknown as RoomState

function rig() {
  let answer: { done: () => void; refuse: (reason: string) => void } | undefined
  const online: Connection = {
    phase: 'online',
    since: 0,
    rttMs: 1,
    boundMs: 1,
    transport: 'websocket',
    reason: '',
  }
  const room = {
    state: new Cell<RoomState | null>(told),
    connection: new Cell<Connection>(online),
    control: vi.fn(
      () =>
        new Promise<void>((done, reject) => {
          answer = { done, refuse: (reason) => reject(new PushError(reason)) }
        }),
    ),
  }
  return { room, foresight: new Foresight(room), answer: () => answer }
}

const quiet = { event: 'set_quiet', payload: { quiet: true } } as const

test('an order is seen at once, and what the box says takes its place', async () => {
  const { room, foresight, answer } = rig()
  foresight.give(quiet)
  expect(foresight.state.value?.quiet).toBe(true)
  await vi.advanceTimersByTimeAsync(0)
  room.state.set({ ...told, quiet: true })
  answer()?.done()
  await vi.advanceTimersByTimeAsync(0)
  room.state.set({ ...told, quiet: false })
  expect(foresight.state.value?.quiet).toBe(false)
  expect(foresight.refused.value).toBe('')
})

test('a refused order falls back, and the reason is told for a while', async () => {
  const { foresight, answer } = rig()
  foresight.give(quiet)
  await vi.advanceTimersByTimeAsync(0)
  answer()?.refuse('unauthorized')
  await vi.advanceTimersByTimeAsync(0)
  expect(foresight.state.value?.quiet).toBe(false)
  expect(foresight.refused.value).toBe('unauthorized')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(foresight.refused.value).toBe('')
})

test('while the box is away nothing looks done', () => {
  const { room, foresight } = rig()
  room.connection.set({ ...room.connection.value, phase: 'offline' })
  foresight.give(quiet)
  expect(foresight.state.value?.quiet).toBe(false)
  expect(foresight.refused.value).toBe('offline')
  expect(room.control).not.toHaveBeenCalled()
})
