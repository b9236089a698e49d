import { useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { type Api, ApiError, type Seat } from '../../../engine/box/api.ts'
import { type Card, type Choice, myCard, sendReady } from '../../../engine/reflect/checkin.ts'
import { verdictOf } from '../../../engine/reflect/rows.ts'
import { uuidv7 } from '../../../engine/reflect/uuidv7.ts'
import type { CheckInState } from '../../../engine/room/lesson.ts'
import { read, storage, write } from '../../../engine/storage.ts'
import { checkIns } from './outbox.ts'

const DONE = 'downbeat.checked_in'

/** How long to wait until the box is asked again, ms. */
const AGAIN_MS = 2000

/** The card that a student is at. */
export interface ShownCard {
  /** Of the check-in. */
  readonly id: string
  readonly card: Card
  /** The id of the answer that was sent, or of the check-in with the opener; empty before. */
  readonly sent: string
}

export interface StudentCheckIn {
  /** Null while there is none. */
  readonly shown: ShownCard | null
  /** Asks the box again which card it is, because a music name was entered. */
  readonly renew: () => void
  readonly send: (choice: Choice, session: string) => void
  readonly skip: () => void
  /** Goes back to the music. */
  readonly finish: () => void
}

/**
 * Follows the check-in of the room. A student who has sent a card sees where it is until they go back,
 * also when the teacher has ended it. Leaving the page with an answer that is not kept warns.
 */
export function useCheckIn(api: Api, running: CheckInState | null, seat: Seat): StudentCheckIn {
  const shown = useSignal<ShownCard | null>(null)
  const asked = useSignal(0)
  const id = running?.id ?? ''
  const times = asked.value
  useEffect(() => follow(api, seat, id, shown), [api, seat, id, shown, times])
  useEffect(() => checkIns.renew(seat.member.student_id, seat.token), [seat])
  useEffect(() => {
    const leaving = (e: BeforeUnloadEvent) => {
      if (checkIns.unkept) e.preventDefault()
    }
    addEventListener('beforeunload', leaving)
    return () => removeEventListener('beforeunload', leaving)
  }, [])
  const finish = useCallback(() => {
    shown.value = null
  }, [shown])
  const skip = () => {
    if (!shown.value) return
    done(shown.value.id)
    void tellReady(api, seat.token, shown.value.id)
    finish()
  }
  const send = (choice: Choice, session: string) => {
    if (!shown.value) return
    const { id: of, card } = shown.value
    done(of)
    if (card === 'opener') void tellReady(api, seat.token, of)
    shown.value = { id: of, card, sent: card === 'opener' ? of : keep(choice, session, seat) }
  }
  return { shown: shown.value, renew: () => asked.value++, send, skip, finish }
}

/** Shows the card of a check-in, and takes it away at the end unless it was sent. */
function follow(api: Api, seat: Seat, id: string, shown: { value: ShownCard | null }): () => void {
  let over = false
  const show = async () => {
    while (!over) {
      try {
        const card = await myCard(api, seat.token)
        if (!over && !isDone(id)) shown.value = { id, card, sent: '' }
        return
      } catch (err) {
        if (isRefused(err)) return
        await later()
      }
    }
  }
  if (id !== '' && !isDone(id)) void show()
  else if (shown.value?.sent === '') shown.value = null
  return () => {
    over = true
  }
}

/** Sends an answer, and returns its id. */
function keep(choice: Choice, session: string, seat: Seat): string {
  const id = uuidv7()
  const row = {
    id,
    session_id: session || null,
    student_id: seat.member.student_id,
    inner_tempo: choice.tempo,
    inner_key: choice.key,
  }
  checkIns.add(row, seat.token)
  return id
}

/** Says that a student is ready, until the box has heard it. */
async function tellReady(api: Api, token: string, id: string): Promise<void> {
  for (;;) {
    try {
      return await sendReady(api, token, id)
    } catch (err) {
      if (isRefused(err)) return
      await later()
    }
  }
}

/** Whether the box would answer the same again. */
function isRefused(err: unknown): boolean {
  return err instanceof ApiError && err.status > 0 && verdictOf(err.status) !== 'later'
}

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
}

function done(id: string): void {
  write(storage('sessionStorage'), DONE, id)
}

function isDone(id: string): boolean {
  return read(storage('sessionStorage'), DONE) === id
}
