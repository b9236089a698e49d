import { isRecord } from '../wire/frames.ts'
import type { Phase } from './types.ts'

/** The phases from which a room does not come back by itself. */
export type FinalPhase = Exclude<Phase, 'connecting' | 'online' | 'offline'>

export function isFinal(phase: Phase): phase is FinalPhase {
  return phase !== 'connecting' && phase !== 'online' && phase !== 'offline'
}

/**
 * What a refused join means: the box's reason is a code, a colon and a text. Null for what
 * passes by itself, such as limits and a restart.
 */
export function joinRefused(reason: string): FinalPhase | null {
  if (/\bfull\b/i.test(reason)) return 'full'
  const final =
    /^(Unauthorized|InvalidJWTToken|MalformedJWT|JwtSignatureError|JwtSignerError|TopicNameRequired)\b/
  return final.test(reason) ? 'refused' : null
}

/** What it means that the box closed the channel after saying reason; null for what may pass. */
export function channelClosed(reason: string): FinalPhase | null {
  if (/\bremoved\b/i.test(reason)) return 'removed'
  if (/\broom is (closed|over)\b/i.test(reason)) return 'closed'
  return /\b(token|jwt|permission)/i.test(reason) ? 'refused' : null
}

/** The error that a system message tells; empty if it tells none. */
export function complaint(payload: unknown): string {
  if (!isRecord(payload) || payload.status !== 'error') return ''
  return typeof payload.message === 'string' ? payload.message : ''
}
