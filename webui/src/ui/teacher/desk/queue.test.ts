import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PushError } from '../../../engine/link/push.ts'
import { type Order, Orders } from './commands.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Sent {
  order: Order
  done: () => void
  refuse: (reason: string) => void
}

function rig() {
  const sent: Sent[] = []
  const failed: string[] = []
  const orders = new Orders({
    push: (order) =>
      new Promise((resolve, reject) => {
        sent.push({ order, done: resolve, refuse: (reason) => reject(new PushError(reason)) })
      }),
    changed: () => {},
    failed: (reason) => failed.push(reason),
  })
  return { sent, failed, orders }
}

const tempo = (bpm: number): Order => ({ event: 'set_tempo', payload: { bpm } })
const mute = (student_id: string, muted: boolean): Order => ({
  event: 'mute_student',
  payload: { student_id, muted },
})

test('only the newest waits behind the one on its way', async () => {
  const { sent, orders } = rig()
  for (let bpm = 100; bpm <= 110; bpm++) orders.give(tempo(bpm))
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.length).toBe(1)
  orders.give(tempo(111))
  orders.give(tempo(112))
  sent[0]?.done()
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.map((s) => s.order)).toEqual([tempo(110), tempo(112)])
  expect([...orders.open]).toEqual([tempo(112)])
  sent[1]?.done()
  await vi.advanceTimersByTimeAsync(0)
  expect([...orders.open]).toEqual([])
})

test('children do not wait for each other, but for the budget of the box', async () => {
  const { sent, orders } = rig()
  for (let i = 0; i < 64; i++) orders.give(mute(`${i}`, true))
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.length).toBeLessThan(60)
  expect(sent.length).toBeGreaterThan(45)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.length).toBe(64)
})

test('stop takes the place of start', async () => {
  const { sent, orders } = rig()
  orders.give({ event: 'start', payload: {} })
  orders.give({ event: 'stop', payload: {} })
  await vi.advanceTimersByTimeAsync(0)
  expect(sent.map((s) => s.order.event)).toEqual(['stop'])
})

test('too fast is tried again, anything else is told', async () => {
  const { sent, failed, orders } = rig()
  orders.give(tempo(90))
  await vi.advanceTimersByTimeAsync(0)
  sent[0]?.refuse('too_fast')
  await vi.advanceTimersByTimeAsync(400)
  expect(sent.length).toBe(2)
  expect(failed).toEqual([])
  sent[1]?.refuse('offline')
  await vi.advanceTimersByTimeAsync(0)
  expect(failed).toEqual(['offline'])
  expect([...orders.open]).toEqual([])
})
