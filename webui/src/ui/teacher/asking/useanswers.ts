import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { KeptReflection } from '../../../engine/reflect/reflection.ts'
import { parseReflectionChange, ReflectionRows } from '../../../engine/reflect/rows.ts'
import type { RoomClient } from '../../../engine/room/client.ts'

interface Answers {
  /** The shared answers of the session: those who want to talk first, then the newest. */
  rows: ReadonlySignal<readonly KeptReflection[]>
  failed: ReadonlySignal<boolean>
}

/** Reads the answers of a session, and follows them as they arrive. A new connection reads them again. */
export function useAnswers(client: RoomClient, token: string, session: string, online: boolean): Answers {
  const table = useMemo(() => new ReflectionRows(), [])
  const rows = useSignal<readonly KeptReflection[]>([])
  const failed = useSignal(false)
  useEffect(() => {
    rows.value = []
  }, [session, rows])
  useEffect(() => {
    if (!online || session === '') return
    let over = false
    table.ofSession(session, token).then(
      (read) => {
        if (over) return
        rows.value = ordered([...read, ...rows.value])
        failed.value = false
      },
      () => {
        if (!over) failed.value = true
      },
    )
    return () => {
      over = true
    }
  }, [table, token, session, online, rows, failed])
  useEffect(
    () =>
      client.onRow((payload) => {
        const change = parseReflectionChange(payload)
        if (!change) return
        if ('deleted' in change) rows.value = rows.value.filter((row) => row.id !== change.deleted)
        else if (change.inserted.session_id === session)
          rows.value = ordered([change.inserted, ...rows.value])
      }),
    [client, session, rows],
  )
  return { rows, failed }
}

/** Returns the answers without doubles: those who want to talk first, then the newest. */
export function ordered(rows: readonly KeptReflection[]): KeptReflection[] {
  const once = [...new Map(rows.map((row) => [row.id, row])).values()]
  return once.sort((a, b) => Number(b.talk) - Number(a.talk) || b.created_at.localeCompare(a.created_at))
}
