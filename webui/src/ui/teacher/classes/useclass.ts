import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo } from 'preact/hooks'
import type { Api, RoomInfo } from '../../../engine/box/api.ts'
import { ClassesApi, type ClassList } from '../../../engine/box/classes.ts'
import { errorText, isSignedOut } from '../../staff/errors.ts'

export interface OpenClass {
  classes: ClassesApi
  /** Null until it is loaded. */
  list: ReadonlySignal<ClassList | null>
  rooms: ReadonlySignal<readonly RoomInfo[]>
  /** What went wrong last; empty if nothing did. */
  problem: ReadonlySignal<string>
  /** Carries a change out, and shows the class as it is then. Returns whether it worked. */
  change: (act: () => Promise<ClassList>) => Promise<boolean>
}

/** One class list, as long as its screen is shown. */
export function useClass(api: Api, id: string, onSignedOut: () => void): OpenClass {
  const classes = useMemo(() => new ClassesApi(api), [api])
  const list = useSignal<ClassList | null>(null)
  const rooms = useSignal<readonly RoomInfo[]>([])
  const problem = useSignal('')
  const fail = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else problem.value = errorText(err)
    },
    [onSignedOut, problem],
  )
  const change = useCallback(
    async (act: () => Promise<ClassList>) => {
      problem.value = ''
      try {
        list.value = await act()
        return true
      } catch (err) {
        fail(err)
        return false
      }
    },
    [fail, list, problem],
  )
  useEffect(() => {
    void change(() => classes.read(id))
    api.rooms().then((open) => {
      rooms.value = open
    }, fail)
  }, [api, classes, id, change, fail, rooms])
  return { classes, list, rooms, problem, change }
}
