import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PushError } from '../../../engine/link/push.ts'
import { type Command, CommandQueue } from './queue.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Sent {
  command: Command
  done: () => void
  refuse: (reason: string) => void
}

function rig(limit = { rate: 20, burst: 60 }) {
  const sent: Sent[] = []
  const failed: string[] = []
  const queue = new CommandQueue({
    push: (command) =>
      new Promise((resolve, reject) => {
        sent.push({ command, done: resolve, refuse: (reason) => reject(new PushError(reason)) })
      }),
    failed: (reason) => failed.push(reason),
    limit: () => limit,
  })
  return { sent, failed, queue }
}

const tempo = (bpm: number): Command => ({ event: 'set_tempo', payload: { bpm } })
const mute = (student_id: string, muted: boolean): Command => ({
  event: 'mute_student',
  payload: { student_id, muted },
})

test('only the newest waits behind the one on its way', async () => {
  const { sent, queue } = rig()
  for (let bpm = 100; bpm <= 110; bpm++) queue.add(tempo(bpm))
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.length).toBe(1)
  queue.add(tempo(111))
  queue.add(tempo(112))
  sent[0]?.done()
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.map((s) => s.command)).toEqual([tempo(110), tempo(112)])
  expect(queue.pending.value).toEqual([tempo(112)])
  sent[1]?.done()
  await vi.advanceTimersByTimeAsync(0)
  expect(queue.pending.value).toEqual([])
})

test('students do not wait for each other, but for the budget of the box', async () => {
  const { sent, queue } = rig()
  for (let i = 0; i < 64; i++) queue.add(mute(`${i}`, true))
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.length).toBeLessThan(60)
  expect(sent.length).toBeGreaterThan(45)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.length).toBe(64)
})

test.each([
  [1, 3],
  [2, 6],
  [5, 15],
  [20, 60],
  [100, 300],
])('a box that takes %d events a second and %d at once refuses none of 80', async (rate, burst) => {
  const { sent, queue } = rig({ rate, burst })
  let left = burst // as the box counts, and a report of the network every three seconds
  let most = 0
  const step = 10 // ms
  for (let i = 0; i < 80; i++) queue.add(mute(`${i}`, true))
  for (let ms = 0; sent.length < 80 && ms < 200_000; ms += step) {
    const before = sent.length
    await vi.advanceTimersByTimeAsync(step)
    left = Math.min(burst, left + (rate * step) / 1000) - (sent.length - before) - (ms % 3_000 === 0 ? 1 : 0)
    most = Math.min(most, left)
  }
  expect(sent.length).toBe(80)
  expect(most).toBeGreaterThanOrEqual(0)
})

test('the budget follows what the box says', async () => {
  const limit = { rate: 20, burst: 60 }
  const { sent, queue } = rig(limit)
  queue.add(mute('0', true))
  await vi.advanceTimersByTimeAsync(10_000)
  Object.assign(limit, { rate: 2, burst: 6 })
  for (let i = 1; i < 20; i++) queue.add(mute(`${i}`, true))
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.length).toBe(1 + 4)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(sent.length).toBe(1 + 4 + 3)
})

test('stop replaces start', async () => {
  const { sent, queue } = rig()
  queue.add({ event: 'start', payload: {} })
  queue.add({ event: 'stop', payload: {} })
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.map((s) => s.command.event)).toEqual(['stop'])
})

test('too fast is retried, any other refusal is reported', async () => {
  const { sent, failed, queue } = rig()
  queue.add(tempo(90))
  await vi.advanceTimersByTimeAsync(0)
  sent[0]?.refuse('too_fast')
  await vi.advanceTimersByTimeAsync(400)
  expect(sent.length).toBe(2)
  expect(failed).toEqual([])
  sent[1]?.refuse('offline')
  await vi.advanceTimersByTimeAsync(0)
  expect(failed).toEqual(['offline'])
  expect(queue.pending.value).toEqual([])
})

test('a closed queue sends nothing more', async () => {
  const { sent, queue } = rig()
  queue.add(tempo(90))
  queue.close()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent).toEqual([])
})
