import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Moved } from '../../engine/box/api.ts'
import type { HeldBack } from '../../engine/box/heldback.ts'
import type { SchoolSync } from '../../engine/box/schoolsync.ts'
import { bestAddress } from './links.ts'

/** How often the box is asked, ms. A router may give it another address at any time. */
const POLL_MS = 5_000

/** How the class reaches the box, and how the box is. */
export interface Ways {
  /** What students type; empty until the box has answered. */
  address: string
  /** A name that leads there too, on devices that know such names; empty if there is none. */
  name: string
  /** Why names do not lead to the box, as a word; empty if they do. */
  nameless: string
  /** For teachers: printed cards are out of date. */
  moved: Moved | null
  /** The box's disk takes no changes. */
  failing: boolean
  /** For teachers: devices that ask for too much. */
  heldBack: readonly HeldBack[]
  /** For teachers: what waits for the school's database; null if there is none. */
  school: SchoolSync | null
}

/** Returns a signal that follows how the class reaches the box, while the component is shown. */
export function useWays(api: Api): ReadonlySignal<Ways> {
  const ways = useSignal<Ways>({
    address: '',
    name: '',
    nameless: '',
    moved: null,
    failing: false,
    heldBack: [],
    school: null,
  })
  useEffect(() => {
    let shown = true
    const look = async () => {
      try {
        const status = await api.status()
        if (!shown) return
        const now: Ways = {
          address: bestAddress(location.host, status.addresses),
          name: status.hostname ?? '',
          nameless: status.mdns?.problem || (status.mdns?.contested ? 'contested' : ''),
          moved: status.moved ?? null,
          failing: status.storage === 'failing',
          heldBack: status.held_back ?? [],
          school: status.sync ?? null,
        }
        // The same again draws nothing.
        if (JSON.stringify(now) !== JSON.stringify(ways.value)) ways.value = now
      } catch {
        // The box is away: what it said last holds. The page was loaded from somewhere.
        if (!ways.value.address) ways.value = { ...ways.value, address: location.host }
      }
    }
    void look()
    const timer = setInterval(look, POLL_MS)
    return () => {
      shown = false
      clearInterval(timer)
    }
  }, [api, ways])
  return ways
}
