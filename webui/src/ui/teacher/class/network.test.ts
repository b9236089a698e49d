import { expect, test } from 'vitest'
import type { NetworkReport } from '../../../engine/room/report.ts'
import { en } from '../../words/en/teacher.ts'
import { es } from '../../words/es/teacher.ts'
import { troubleText } from './network.tsx'

const fine: NetworkReport = {
  transport: 'webrtc',
  rtt_ms: 4,
  bound_ms: 0.4,
  loss: 0,
  queue_ms: 0,
  standing_ms: 0,
  audio_ms: 24,
  bluetooth: false,
}

test.each([
  [{}, ''],
  [{ rtt_ms: 90, bluetooth: true }, 'Slow Wi-Fi'],
  [{ loss: 0.1 }, 'Loses notes'],
  [{ bound_ms: 20 }, 'Finding the beat'],
  [{ bluetooth: true, audio_ms: 210 }, 'Wireless sound'],
])('a tile says the worst: %j', (change, want) => expect(troubleText({ ...fine, ...change })).toBe(want))

test('a tile says nothing before the first report', () => expect(troubleText(undefined)).toBe(''))

test('advice names the time it follows from', () => {
  for (const mode of ['live', 'snap', 'loop'] as const) {
    expect(en.network.why[mode]('56')).toContain('56\u00a0ms')
    expect(es.network.why[mode]('56')).toContain('56\u00a0ms')
  }
})
