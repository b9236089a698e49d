import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { isRecord } from '../../../engine/wire/frames.ts'

/** How often the box is asked, ms. */
const POLL_MS = 5_000

/** The rows of a student, as the box's paths name them. */
type Rows = 'reflections' | 'check-ins'

/** Returns whether the school has a row that the box has kept, while the component is shown. */
export function useAtSchool(what: Rows, id: string, kept: boolean): ReadonlySignal<boolean> {
  const there = useSignal(false)
  useEffect(() => {
    if (!kept) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let shown = true
    const look = async () => {
      there.value = await askBox(what, id)
      if (shown && !there.value) timer = setTimeout(look, POLL_MS)
    }
    void look()
    return () => {
      shown = false
      clearTimeout(timer)
    }
  }, [what, id, kept, there])
  return there
}

async function askBox(what: Rows, id: string): Promise<boolean> {
  try {
    const response = await fetch(`/box/v1/${what}/${encodeURIComponent(id)}`, { cache: 'no-store' })
    const reply: unknown = await response.json()
    return isRecord(reply) && reply.at === 'school'
  } catch {
    return false // the box is away
  }
}
