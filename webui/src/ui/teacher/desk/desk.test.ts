import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Cell } from '../../../engine/cell.ts'
import { PushError } from '../../../engine/link/push.ts'
import type { Sound } from '../../../engine/play/sound.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import type { Connection, RoomState } from '../../../engine/room/types.ts'
import { ada, roomState } from '../../../engine/testing/room.ts'
import { Desk } from './desk.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const calm: RoomState = { ...roomState(), quiet: false, members: [ada] }
const online: Connection = {
  phase: 'online',
  since: 0,
  rttMs: 1,
  boundMs: 1,
  transport: 'websocket',
  reason: '',
}

function rig() {
  let answer: { done: () => void; refuse: (reason: string) => void } | undefined
  const client = {
    state: new Cell<RoomState | null>(calm),
    connection: new Cell<Connection>(online),
    control: vi.fn(
      (_event: string, _payload: unknown) =>
        new Promise<void>((done, reject) => {
          answer = { done, refuse: (reason) => reject(new PushError(reason)) }
        }),
    ),
    onNetwork: () => () => undefined,
  }
  const sound = { metronome: { enabled: false } }
  const desk = new Desk(client as unknown as RoomClient, sound as Sound)
  return { client, sound, desk, answer: () => answer }
}

test('a command shows at once, and the state of the box takes its place', async () => {
  const { client, desk, answer } = rig()
  desk.commands.toggleQuiet()
  expect(desk.state.value?.quiet).toBe(true)
  await vi.advanceTimersByTimeAsync(0)
  client.state.set({ ...calm, quiet: true })
  answer()?.done()
  await vi.advanceTimersByTimeAsync(0)
  client.state.set(calm)
  expect(desk.state.value?.quiet).toBe(false)
  expect(desk.refusal.reason.value).toBe('')
})

test('a refused command falls back, and its reason shows for a while', async () => {
  const { desk, answer } = rig()
  desk.commands.toggleQuiet()
  await vi.advanceTimersByTimeAsync(0)
  answer()?.refuse('unauthorized')
  await vi.advanceTimersByTimeAsync(0)
  expect(desk.state.value?.quiet).toBe(false)
  expect(desk.refusal.reason.value).toBe('unauthorized')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(desk.refusal.reason.value).toBe('')
})

test('while the box is away no command shows', () => {
  const { client, desk } = rig()
  client.connection.set({ ...online, phase: 'offline' })
  desk.commands.toggleQuiet()
  expect(desk.state.value?.quiet).toBe(false)
  expect(desk.refusal.reason.value).toBe('offline')
  expect(client.control).not.toHaveBeenCalled()
})

test('selected students go once it is confirmed', async () => {
  const { client, desk } = rig()
  desk.selection.press('ada', 'only')
  desk.askRemove()
  expect(desk.removing.value).toEqual([ada])
  expect(client.control).not.toHaveBeenCalled()
  desk.remove()
  await vi.advanceTimersByTimeAsync(0)
  expect(client.control).toHaveBeenCalledWith('remove_student', { student_id: 'ada' })
  expect([desk.students.value, desk.selection.members.value, desk.removing.value]).toEqual([[], [], []])
})

test('the click is that of this computer', () => {
  const { sound, desk } = rig()
  desk.toggleClicks()
  expect([desk.clicks.value, sound.metronome.enabled]).toEqual([true, true])
})

test('a disposed desk follows the box no longer', () => {
  const { client, desk } = rig()
  desk.dispose()
  client.state.set({ ...calm, quiet: true })
  expect(desk.state.value?.quiet).toBe(false)
})
