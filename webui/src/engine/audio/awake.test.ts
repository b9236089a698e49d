import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awake } from './awake.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', new EventTarget())
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A context whose clock can stand still although it runs; only suspending it mends that. */
class FakeContext {
  state: AudioContextState = 'running'
  frozen = false
  readonly calls: string[] = []
  #at = 0
  get currentTime() {
    if (this.state === 'running' && !this.frozen) this.#at = performance.now() / 1000
    return this.#at
  }
  async suspend() {
    this.calls.push('suspend')
    this.state = 'suspended'
    this.frozen = false
  }
  async resume() {
    this.calls.push('resume')
    this.state = 'running'
  }
}

function press(): void {
  document.dispatchEvent(new Event('pointerdown'))
}

test('a context that was put to sleep is resumed by a press', () => {
  const ctx = new FakeContext()
  const awake = new Awake(ctx)
  press()
  expect([ctx.calls, awake.asleep]).toEqual([[], false])
  ctx.state = 'suspended'
  expect(awake.asleep).toBe(true)
  press()
  expect([ctx.calls, awake.asleep]).toEqual([['resume'], false])
  awake.dispose()
})

test('a context that runs while its clock stands still is asleep, and a press mends it', () => {
  const ctx = new FakeContext()
  const awake = new Awake(ctx)
  vi.advanceTimersByTime(5_000)
  expect(awake.asleep).toBe(false)
  ctx.frozen = true
  vi.advanceTimersByTime(1_500)
  expect(awake.asleep).toBe(true)
  press()
  expect([ctx.calls, awake.asleep]).toEqual([['suspend', 'resume'], false])
  vi.advanceTimersByTime(5_000)
  expect(awake.asleep).toBe(false)
  awake.dispose()
  expect(vi.getTimerCount()).toBe(0)
})
