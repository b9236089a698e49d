import { Cell } from '../cell.ts'
import { read, type Store, storage, write } from '../storage.ts'
import type { Api } from './api.ts'
import { uuid } from './seatstore.ts'

/** How often a page without a seat reports, ms. */
export const VISIT_MS = 5_000

const KEY = 'downbeat.visitor'

/** Returns the id under which this tab reports while it has no seat. A reload keeps it. */
export function visitorId(tab: Store = storage('sessionStorage')): string {
  const known = read(tab, KEY)
  if (known !== '') return known
  const id = uuid()
  write(tab, KEY, id)
  return id
}

/**
 * Reports to the box while the page has no seat, so that the teacher sees it. The box answers with a
 * letter, which the page shows: by it the teacher finds the device.
 */
export class VisitReports {
  /** Empty until the box has given one. */
  readonly mark = new Cell('')
  readonly #api: Pick<Api, 'visit'>
  readonly #code: string
  readonly #id: string
  #timer: ReturnType<typeof setInterval> | undefined

  /** code is that of the page's link, empty if it has none. */
  constructor(api: Pick<Api, 'visit'>, code: string, id: string) {
    this.#api = api
    this.#code = code
    this.#id = id
  }

  start(): void {
    this.#timer = setInterval(this.#report, VISIT_MS)
    globalThis.addEventListener?.('pagehide', this.#leave)
    globalThis.addEventListener?.('pageshow', this.#report)
    this.#report()
  }

  dispose(): void {
    clearInterval(this.#timer)
    globalThis.removeEventListener?.('pagehide', this.#leave)
    globalThis.removeEventListener?.('pageshow', this.#report)
  }

  readonly #report = () => {
    this.#api.visit({ visitor: this.#id, code: this.#code }).then(
      (mark) => this.mark.set(mark),
      () => undefined, // the next one may arrive
    )
  }

  readonly #leave = () => {
    this.#api.visit({ visitor: this.#id, code: this.#code, gone: true }).catch(() => undefined)
  }
}
