import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Cell, Emitter } from '../cell.ts'
import { type NetworkReport, parseNetwork, reportOf, troublesOf } from './report.ts'
import { NetworkReports, REPORT_MS, startReporting } from './reports.ts'
import type { Connection } from './types.ts'

const online: Connection = {
  phase: 'online',
  since: 0,
  rttMs: 4.1234,
  boundMs: 0.4,
  transport: 'webrtc',
  reason: '',
}
const page = { asleep: false, played: false }
const ear = { known: true, latencyMs: 24, wireless: false }
const fine: NetworkReport = {
  transport: 'webrtc',
  rtt_ms: 4.12,
  bound_ms: 0.4,
  loss: 0.01,
  queue_ms: 3,
  standing_ms: 1,
  audio_ms: 24,
  bluetooth: false,
}

describe('a report', () => {
  test('holds the measurements', () => {
    expect(reportOf(online, { loss: 0.01, queueMs: 3, standingMs: 1 }, ear, page)).toEqual(fine)
    expect(reportOf({ ...online, transport: 'websocket' }, null, { ...ear, known: false }, page)).toEqual({
      ...fine,
      transport: 'websocket',
      loss: 0,
      queue_ms: 0,
      standing_ms: 0,
      audio_ms: 0,
    })
  })

  test.each([{ phase: 'offline' as const }, { rttMs: Number.NaN }, { boundMs: Number.POSITIVE_INFINITY }])(
    'is not made while %j',
    (what) => expect(reportOf({ ...online, ...what }, null, ear, page)).toBeNull(),
  )

  test('comes back as it was', () => {
    expect(parseNetwork({ student_id: 'ada', ...fine })).toEqual({ id: 'ada', report: fine })
    const guess = reportOf(online, null, { ...ear, guessed: true }, { asleep: true, played: true })
    expect(guess).toMatchObject({ audio_guessed: true, silent: true, played: true })
    expect(parseNetwork({ student_id: 'ada', ...guess })).toEqual({ id: 'ada', report: guess })
  })

  test.each([
    null,
    7,
    {},
    { student_id: 'ada' },
    { student_id: 3, rtt_ms: 1 },
    { student_id: 'ada', rtt_ms: 'x' },
  ])('nonsense is no report: %j', (v) => expect(parseNetwork(v)).toBeNull())

  test('with wild numbers is bounded', () => {
    const told = parseNetwork({ student_id: 'a', rtt_ms: 1e300, loss: 7, bound_ms: -4, audio_ms: 'long' })
    expect(told?.report).toMatchObject({ rtt_ms: 60_000, loss: 1, bound_ms: 0, audio_ms: 0 })
  })
})

test.each([
  [{}, []],
  [{ rtt_ms: 80 }, ['slow']],
  [{ queue_ms: 70 }, ['slow']],
  [{ loss: 0.08 }, ['lossy']],
  [{ bound_ms: 9 }, ['adrift']],
  [{ bound_ms: 14, rtt_ms: 30 }, []],
  [{ bound_ms: 24, rtt_ms: 30 }, ['adrift']],
  [{ bluetooth: true, audio_ms: 180 }, ['wireless']],
  [{ rtt_ms: 80, loss: 0.1, bluetooth: true }, ['slow', 'lossy', 'wireless']],
])('the troubles of %j', (what, want) => expect(troublesOf({ ...fine, ...what })).toEqual(want))

describe('sending', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('a device reports when it is online, and then every three seconds', () => {
    const told: NetworkReport[] = []
    const connection = new Cell<Connection>({ ...online, phase: 'connecting' })
    const report = (r: NetworkReport) => {
      told.push(r)
      return Promise.reject(new Error('lost'))
    }
    const end = startReporting({ connection, report }, ear, page, () => ({
      loss: 0.01,
      queueMs: 3,
      standingMs: 1,
    }))
    vi.advanceTimersByTime(3 * REPORT_MS)
    expect(told).toEqual([])
    connection.set(online)
    connection.set({ ...online, since: 1 })
    expect(told).toEqual([fine])
    vi.advanceTimersByTime(2 * REPORT_MS)
    expect(told).toEqual([fine, fine, fine])
    end()
    vi.advanceTimersByTime(2 * REPORT_MS)
    expect(told).toHaveLength(3)
  })

  test('a teacher sees recent reports, updated once a second', () => {
    const box = new Emitter<unknown>()
    const networks = new NetworkReports({ onNetwork: (fn) => box.on(fn) })
    let changes = 0
    networks.reports.subscribe(() => changes++)
    for (let i = 0; i < 40; i++) box.emit({ student_id: `s${i}`, ...fine })
    expect(networks.reports.value.size).toBe(0)
    vi.advanceTimersByTime(1000)
    expect(networks.reports.value.size).toBe(40)
    expect(networks.reports.value.get('s7')).toEqual(fine)
    vi.advanceTimersByTime(5000)
    expect(changes).toBe(1)
    box.emit({ student_id: 's7', ...fine, rtt_ms: 90 })
    vi.advanceTimersByTime(1000)
    expect(networks.reports.value.get('s7')?.rtt_ms).toBe(90)
    vi.advanceTimersByTime(7000)
    expect([...networks.reports.value.keys()]).toEqual(['s7'])
    networks.dispose()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a device that claims to be many is not kept', () => {
    const box = new Emitter<unknown>()
    const networks = new NetworkReports({ onNetwork: (fn) => box.on(fn) })
    for (let i = 0; i < 5000; i++) box.emit({ student_id: `s${i}`, ...fine })
    vi.advanceTimersByTime(1000)
    expect(networks.reports.value.size).toBe(128)
    networks.dispose()
  })
})
