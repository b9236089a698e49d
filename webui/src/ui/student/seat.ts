import { type Api, ApiError, type JoinRequest, type Seat } from '../../engine/box/api.ts'
import { parseCode } from '../../engine/box/code.ts'
import type { SavedSeat, SeatStore } from '../../engine/box/seatstore.ts'
import { t } from '../words/index.ts'
import { VISITOR } from './visitor.ts'

/**
 * Takes a seat in the room that a typed code means: the one that this browser had, or a new one if that
 * is gone. Only the box knows which room a slip means, so the secret of the last room goes along. It opens
 * nothing in any other room.
 */
export function takeSeat(api: Api, seatStore: SeatStore, typed: string): Promise<Seat> {
  return join(api, seatStore, { code: typed }, savedSeat(seatStore, typed))
}

/** Takes a seat again in a room that this browser was in. Another room with a similar code is not meant. */
export function resumeSeat(api: Api, seatStore: SeatStore, code: string): Promise<Seat> {
  return join(api, seatStore, { code, exact: true }, seatStore.seat(code))
}

/** Returns the seat that this browser may have in the room of a typed code. */
export function savedSeat(seatStore: SeatStore, typed: string): SavedSeat | undefined {
  return seatStore.seat(parseCode(typed)) ?? seatStore.seat(seatStore.lastCode)
}

async function join(api: Api, seatStore: SeatStore, request: JoinRequest, saved?: SavedSeat): Promise<Seat> {
  const asked = { ...request, visitor: VISITOR }
  const seat = await api.join(saved ? { ...asked, resume: saved.resume } : asked)
  seatStore.keep(seat.room.code, { resume: seat.resume, name: seat.member.name })
  return seat
}

/** Returns what went wrong with a request, as a sentence for a student. */
export function errorText(err: unknown): string {
  const texts: Record<string, string> = t().problem
  return (err instanceof ApiError ? texts[err.error] : undefined) ?? t().problem.other
}
