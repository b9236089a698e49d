import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { isRecord } from '../../../engine/wire/frames.ts'

/** How often the box is asked, ms. */
const POLL_MS = 5_000

/** Returns whether the school has a reflection that the box has kept, while the component is shown. */
export function useAtSchool(id: string, kept: boolean): ReadonlySignal<boolean> {
  const there = useSignal(false)
  useEffect(() => {
    if (!kept) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let shown = true
    const look = async () => {
      there.value = await askBox(id)
      if (shown && !there.value) timer = setTimeout(look, POLL_MS)
    }
    void look()
    return () => {
      shown = false
      clearTimeout(timer)
    }
  }, [id, kept, there])
  return there
}

async function askBox(id: string): Promise<boolean> {
  try {
    const response = await fetch(`/box/v1/reflections/${encodeURIComponent(id)}`, { cache: 'no-store' })
    const reply: unknown = await response.json()
    return isRecord(reply) && reply.at === 'school'
  } catch {
    return false // the box is away
  }
}
