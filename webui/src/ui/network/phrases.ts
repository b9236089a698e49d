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

/** A round trip below this is called fast, ms. */
const FAST_MS = 15

/** Describes the connection in a few words: "Fast · 4 ms · in time". */
export function connectionText(c: Connection): string {
  if (c.phase === 'connecting') return t().play.finding
  if (c.phase !== 'online') return t().play.offline
  if (!Number.isFinite(c.rttMs) || isAdrift(c.boundMs, c.rttMs)) return t().play.finding
  const speed = c.rttMs < FAST_MS ? t().play.fast : c.rttMs < SLOW_MS ? t().play.fine : t().play.slow
  const inTime = c.boundMs <= IN_TIME_MS ? [t().play.inTime] : []
  return [speed, `${Math.max(1, Math.round(c.rttMs))} ms`, ...inTime].join(' · ')
}

/** A figure of the connection and its name, as the screen shows them. */
export type Fact = readonly [name: string, value: string]

/** Describes a report figure by figure. trimMs is the part of the sound's delay that the tap test set. */
export function factsOf(r: NetworkReport, trimMs = 0): readonly Fact[] {
  const { net } = t()
  const words = r.audio_guessed ? net.guessed : trimMs === 0 ? net.ms : net.trimmed
  const sound = words(integer(r.audio_ms))
  const measured: Fact[] = [
    [net.lost, r.loss < 0.0005 ? net.none : net.lostOf(decimal(r.loss * 100))],
    [net.queue, r.queue_ms < 1 ? net.noQueue : net.ms(integer(r.queue_ms))],
  ]
  return [
    [net.way, net.ways[r.transport]],
    [net.trip, net.ms(decimal(r.rtt_ms))],
    [net.clock, net.within(decimal(r.bound_ms))],
    ...(r.transport === 'webrtc' ? measured : []), // over TCP a page cannot see losses
    [net.sound, r.audio_ms === 0 ? net.unknown : sound],
  ]
}

/**
 * Returns a sentence for each trouble and what to do about it, or one that all is well. One more
 * offers the tap test if the delay of the sound is a guess.
 */
export function summaryOf(r: NetworkReport): readonly string[] {
  const { net } = t()
  const guess = r.audio_guessed ? [net.guess] : []
  const troubles = troublesOf(r)
  if (troubles.length > 0) return [...troubles.map((trouble) => net.trouble[trouble]), ...guess]
  return [r.bound_ms <= IN_TIME_MS ? net.well : net.wellEnough, ...guess]
}

/** Returns the report of this page; null while it is offline or has not measured yet. */
export function reportOfPage(connection: Connection, sound: Sound): NetworkReport | null {
  return reportOf(connection, sound.lane(), sound.audioTime)
}

/** Writes a number in the current language, with one decimal below ten. */
export function decimal(value: number): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
}

/** Writes a whole number in the current language. */
export function integer(value: number): string {
  return new Intl.NumberFormat(language.value, { maximumFractionDigits: 0 }).format(value)
}
