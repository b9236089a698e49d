import { signal } from '@preact/signals'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RoomState } from '../../../engine/room/types.ts'
import { ada, roomState } from '../../../engine/testing/room.ts'
import { ClassNetwork } from './network.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function rig() {
  let listener: ((payload: unknown) => void) | undefined
  const client = {
    onNetwork: (fn: (payload: unknown) => void) => {
      listener = fn
      return () => {
        listener = undefined
      }
    },
  }
  const network = new ClassNetwork(client, signal<RoomState | null>({ ...roomState(), members: [ada] }))
  /** Sends a report with this latency of sound, and waits the second until it shows. */
  const report = (audio_ms: number) => {
    listener?.({ student_id: 'ada', transport: 'webrtc', rtt_ms: 4, bound_ms: 1, audio_ms })
    vi.advanceTimersByTime(1_000)
  }
  return { network, report, listening: () => listener !== undefined }
}

test('there is no advice before the first report', () => {
  const { network, report } = rig()
  expect([network.reports.value.size, network.advice.value]).toEqual([0, null])
  report(24)
  expect(network.reports.value.get('ada')?.rtt_ms).toBe(4)
  expect(network.advice.value?.mode).toBe('snap')
})

test('advice stays until it is clearly wrong', () => {
  const { network, report } = rig()
  report(18)
  expect(network.advice.value?.mode).toBe('live')
  report(24)
  expect(network.advice.value?.mode).toBe('live')
  report(60)
  expect(network.advice.value?.mode).toBe('snap')
})

test('after dispose no report is followed', () => {
  const { network, listening } = rig()
  network.dispose()
  expect([listening(), vi.getTimerCount()]).toEqual([false, 0])
})
