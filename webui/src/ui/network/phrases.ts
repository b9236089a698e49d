import type { Sound } from '../../engine/play/sound.ts'
import {
  IN_TIME_MS,
  isAdrift,
  type NetworkReport,
  reportOf,
  SLOW_MS,
  troublesOf,
} from '../../engine/room/report.ts'
import type { Connection } from '../../engine/room/types.ts'
import { t } from '../words/index.ts'
import { language } from '../words/language.ts'

/** Below this round trip a note is as good as there, ms. */
const FAST_MS = 15

/** The connection as people say it: "Fast · 4 ms · in time". */
export function connectionWords(c: Connection): string {
  if (c.phase === 'connecting') return t().play.finding
  if (c.phase !== 'online') return t().play.offline
  if (!Number.isFinite(c.rttMs) || isAdrift(c.boundMs, c.rttMs)) return t().play.finding
  const speed = c.rttMs < FAST_MS ? t().play.fast : c.rttMs < SLOW_MS ? t().play.fine : t().play.slow
  const inTime = c.boundMs <= IN_TIME_MS ? [t().play.inTime] : []
  return [speed, `${Math.max(1, Math.round(c.rttMs))} ms`, ...inTime].join(' · ')
}

/** One line of what there is to know: its name, and how it is. */
export type Fact = readonly [name: string, words: string]

/** A report as people say it. trimMs is the part of the sound that a student has set. */
export function factsOf(r: NetworkReport, trimMs = 0): readonly Fact[] {
  const { net } = t()
  const sound = trimMs === 0 ? net.ms(whole(r.audio_ms)) : net.trimmed(whole(r.audio_ms))
  const measured: Fact[] = [
    [net.lost, r.loss < 0.0005 ? net.none : net.lostOf(fine(r.loss * 100))],
    [net.queue, r.queue_ms < 1 ? net.noQueue : net.ms(whole(r.queue_ms))],
  ]
  return [
    [net.way, net.ways[r.transport]],
    [net.trip, net.ms(fine(r.rtt_ms))],
    [net.clock, net.within(fine(r.bound_ms))],
    ...(r.transport === 'webrtc' ? measured : []), // nobody sees what TCP sends again
    [net.sound, r.audio_ms === 0 ? net.unknown : sound],
  ]
}

/** What is wrong, each with what to do; or that nothing is. */
export function newsOf(r: NetworkReport): readonly string[] {
  const troubles = troublesOf(r)
  if (troubles.length > 0) return troubles.map((trouble) => t().net.trouble[trouble])
  return [r.bound_ms <= IN_TIME_MS ? t().net.well : t().net.wellEnough]
}

/** How a page is doing now; null while it is away or does not know yet. */
export function ownReport(connection: Connection, stage: Sound): NetworkReport | null {
  return reportOf(connection, stage.lane(), stage.audioTime)
}

/** A number as it is written here: whole, or with a tenth below ten. */
export function fine(value: number): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

export function whole(value: number): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: 0 }).format(value)
}
