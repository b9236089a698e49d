import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { Cell } from '../../../engine/cell.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { roomState } from '../../../engine/testing/room.ts'
import { OptimisticState } from './optimistic.ts'
import type { Command } from './queue.ts'

const calm: RoomState = { ...roomState(), quiet: false }
const quiet: Command = { event: 'set_quiet', payload: { quiet: true } }

test('a pending command shows at once, and the state of the box once it is confirmed', () => {
  const confirmed = new Cell<RoomState | null>(calm)
  const pending = signal<readonly Command[]>([])
  const state = new OptimisticState(confirmed, pending)
  pending.value = [quiet]
  expect(state.value.value?.quiet).toBe(true)
  pending.value = []
  expect(state.value.value).toBe(calm)
  confirmed.set({ ...calm, quiet: true })
  expect(state.value.value?.quiet).toBe(true)
})

test('there is nothing to predict before the box has sent its state', () => {
  const confirmed = new Cell<RoomState | null>(null)
  const state = new OptimisticState(confirmed, signal([quiet]))
  expect(state.value.value).toBeNull()
  confirmed.set(calm)
  expect(state.value.value?.quiet).toBe(true)
})

test('after dispose the box is no longer followed', () => {
  const confirmed = new Cell<RoomState | null>(calm)
  const state = new OptimisticState(confirmed, signal([]))
  state.dispose()
  confirmed.set(null)
  expect(state.value.value).toBe(calm)
})
