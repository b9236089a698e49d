import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'

/** How often to look, ms. No event tells when the clock of a sound stands still. */
const POLL_MS = 1_000

/**
 * Returns a signal that follows whether the browser keeps the page silent until a press. atFirst is
 * its value until the first look.
 */
export function useAsleep(sound: Pick<Sound, 'asleep'>, atFirst: boolean): ReadonlySignal<boolean> {
  const asleep = useSignal(atFirst)
  useEffect(() => {
    const timer = setInterval(() => {
      asleep.value = sound.asleep
    }, POLL_MS)
    return () => clearInterval(timer)
  }, [sound, asleep])
  return asleep
}
