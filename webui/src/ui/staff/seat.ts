import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, Seat } from '../../engine/box/api.ts'
import { RoomClient } from '../../engine/room/client.ts'

/** The room that the address names, as ?room= or ?code=; empty if none. */
export function roomInAddress(search = location.search): string {
  const asked = new URLSearchParams(search)
  return (asked.get('room') ?? asked.get('code') ?? '').trim().toUpperCase()
}

interface Entrance {
  /** Null until the box has given it. */
  seat: ReadonlySignal<Seat | null>
  /** Asks for the seat anew: the token of the last one no longer counts. */
  again: () => void
}

/** Takes the seat of a teacher or a stage; failed is told why there is none. */
export function useEntrance(
  api: Api,
  code: string,
  as: 'teacher' | 'stage',
  failed: (err: unknown) => void,
): Entrance {
  const seat = useSignal<Seat | null>(null)
  const again = useCallback(() => {
    api.enterRoom(code, as).then((given) => {
      seat.value = given
    }, failed)
  }, [api, code, as, seat, failed])
  useEffect(again, [api, code, as])
  return { seat, again }
}

/** A room that is to be joined with that seat; it does not connect yet. */
export function classroomOf(seat: Seat): RoomClient {
  return new RoomClient({ url: location.origin, token: seat.token, topic: seat.topic })
}
