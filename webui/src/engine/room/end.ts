import type { Phase } from './types.ts'

/** The phases that a room does not leave by itself. */
export type FinalPhase = Exclude<Phase, 'connecting' | 'online' | 'offline'>

export function isFinal(phase: Phase): phase is FinalPhase {
  return phase !== 'connecting' && phase !== 'online' && phase !== 'offline'
}

/**
 * Returns the phase after a refused join. The box's reason is a code, a colon and a text. Null for
 * a reason that passes by itself, such as a limit or a restart.
 */
export function phaseAfterRefusal(reason: string): FinalPhase | null {
  if (/\bfull\b/i.test(reason)) return 'full'
  const final =
    /^(Unauthorized|InvalidJWTToken|MalformedJWT|JwtSignatureError|JwtSignerError|TopicNameRequired)\b/
  return final.test(reason) ? 'refused' : null
}

/** Returns the phase after the box closed the channel and gave reason; null for a reason that may pass. */
export function phaseAfterClose(reason: string): FinalPhase | null {
  if (/\bremoved\b/i.test(reason)) return 'removed'
  if (/\broom is (closed|over)\b/i.test(reason)) return 'closed'
  return /\b(token|jwt|permission)/i.test(reason) ? 'refused' : null
}
