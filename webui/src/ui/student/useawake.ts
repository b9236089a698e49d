import { useEffect } from 'preact/hooks'

/** Keeps the screen on while on says so, where the browser lets a page do that. */
export function useAwake(on: boolean): void {
  useEffect(() => {
    if (!on) return
    let lock: WakeLockSentinel | undefined
    let ended = false
    const take = async () => {
      if (document.visibilityState !== 'visible') return // it is taken when the page is seen again
      const got = await navigator.wakeLock?.request('screen').catch(() => undefined) // refused: the battery is low
      if (ended) await got?.release()
      else lock = got
    }
    const again = () => void take()
    again()
    document.addEventListener('visibilitychange', again)
    return () => {
      ended = true
      document.removeEventListener('visibilitychange', again)
      void lock?.release()
    }
  }, [on])
}
