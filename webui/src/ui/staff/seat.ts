import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { parseCode } from '../../engine/box/code.ts'
import { RoomClient } from '../../engine/room/client.ts'

/** Returns the room that the address names, as ?room= or ?code=; empty if it names none. */
export function roomInAddress(search = location.search): string {
  const query = new URLSearchParams(search)
  return parseCode(query.get('room') ?? query.get('code') ?? '')
}

interface StaffSeat {
  /** Null until the box has given it. */
  seat: ReadonlySignal<Seat | null>
  /** Asks the box for the seat again, because its token no longer works. */
  renew: () => void
}

/** Takes the seat of a teacher or a stage. Calls failed if the box gives none. */
export function useSeat(
  api: Api,
  code: string,
  as: 'teacher' | 'stage',
  failed: (err: unknown) => void,
): StaffSeat {
  const seat = useSignal<Seat | null>(null)
  const renew = useCallback(() => {
    api.enterRoom(code, as).then((given) => {
      seat.value = given
    }, failed)
  }, [api, code, as, seat, failed])
  useEffect(renew, [api, code, as])
  return { seat, renew }
}

/** Returns a client for the room of a seat. It does not connect yet. tables are those whose changes it tells. */
export function clientFor(seat: Seat, ...tables: readonly string[]): RoomClient {
  return new RoomClient({ url: location.origin, token: seat.token, topic: seat.topic, tables })
}
