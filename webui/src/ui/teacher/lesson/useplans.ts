import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { isPlanChange, type PlanRow, PlanRows } from '../../../engine/lesson/rows.ts'
import type { RoomClient } from '../../../engine/room/client.ts'
import { useCell } from '../../kit/usecell.ts'

export interface Plans {
  readonly table: PlanRows
  /** Null until the box has answered. */
  readonly rows: ReadonlySignal<readonly PlanRow[] | null>
  readonly failed: ReadonlySignal<boolean>
}

/**
 * Reads the lesson plans of the box, and again whenever one changes. A new connection reads them again. token is
 * the one of the teacher's seat.
 */
export function usePlans(client: RoomClient, token: string): Plans {
  const table = useMemo(() => new PlanRows(), [])
  const rows = useSignal<readonly PlanRow[] | null>(null)
  const failed = useSignal(false)
  const online = useCell(client.connection).value.phase === 'online'
  useEffect(() => {
    if (!online) return
    let latest = 0 // of the readings that have begun; an older answer is not shown
    const read = () => {
      const reading = ++latest
      table.list(token).then(
        (all) => {
          if (reading !== latest) return
          rows.value = all
          failed.value = false
        },
        () => {
          if (reading === latest) failed.value = true
        },
      )
    }
    read()
    const stop = client.onRow((payload) => {
      if (isPlanChange(payload)) read()
    })
    return () => {
      latest = 0
      stop()
    }
  }, [client, table, token, online, rows, failed])
  return { table, rows, failed }
}
