import { type Api, ApiError, type Seat } from '../../engine/box/api.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'
import { t } from '../words/index.ts'

/** Takes the seat of before if there is one, and a new one if not or if that is gone. */
export async function enter(api: Api, session: SeatStore, typed: string): Promise<Seat> {
  const former = session.seat(tidyCode(typed))
  const seat = await api.join(former ? { code: typed, resume: former.resume } : { code: typed })
  session.keep(seat.room.code, { resume: seat.resume, name: seat.member.name })
  return seat
}

/** A code as rooms have it, to look up a seat of before: the box itself forgives more. */
export function tidyCode(typed: string): string {
  const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return plain.replace(/^([A-Z]+)(\d+)$/, '$1-$2')
}

/** What went wrong, as a child is told it. */
export function sentence(err: unknown): string {
  const texts: Record<string, string> = t().problem
  return (err instanceof ApiError ? texts[err.error] : undefined) ?? t().problem.other
}
