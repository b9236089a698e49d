import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** How long a trouble must last before a screen mentions it, ms. Most gaps end by themselves sooner. */
const PATIENCE_MS = 2_000

/** Whether a condition has held for two seconds. */
export function useLasting(now: boolean): boolean {
  const lasting = useSignal(false)
  useEffect(() => {
    lasting.value = false
    if (!now) return
    const timer = setTimeout(() => {
      lasting.value = true
    }, PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [now, lasting])
  return lasting.value
}
