import { useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { ClassesApi } from '../../../engine/box/classes.ts'
import type { Desk } from '../desk/desk.ts'

/** How often the box is asked, ms. */
const POLL_MS = 5_000

/** Keeps what the desk knows of the children on the seats fresh, in a room of a class with a list. */
export function usePeople(api: Api, desk: Desk, code: string, listed: boolean): void {
  useEffect(() => {
    if (!listed) return
    const classes = new ClassesApi(api)
    let over = false
    const load = () =>
      classes.people(code).then(
        (people) => {
          if (!over) desk.people.value = people
        },
        () => undefined, // the page says elsewhere that the box is away
      )
    void load()
    const timer = setInterval(load, POLL_MS)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [api, desk, code, listed])
}
