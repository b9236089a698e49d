import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Refusal } from './refusal.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a reason shows for eight seconds, and a new one for eight more', () => {
  const refusal = new Refusal()
  refusal.show('offline')
  vi.advanceTimersByTime(7_000)
  refusal.show('timeout')
  vi.advanceTimersByTime(7_000)
  expect(refusal.reason.value).toBe('timeout')
  vi.advanceTimersByTime(1_000)
  expect(refusal.reason.value).toBe('')
})

test('a cleared reason leaves no timer behind', () => {
  const refusal = new Refusal()
  refusal.show('offline')
  refusal.clear()
  expect([refusal.reason.value, vi.getTimerCount()]).toEqual(['', 0])
})
