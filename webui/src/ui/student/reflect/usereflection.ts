import { useEffect, useState } from 'preact/hooks'
import type { Seat } from '../../../engine/box/api.ts'
import type { Question } from '../../../engine/room/lesson.ts'
import { Answering } from './answering.ts'
import { drafts, outbox } from './outbox.ts'

/** Follows the question of the room. Leaving the page with words that are not kept warns. */
export function useReflection(asked: Question | null, session: string, seat: Seat): Answering {
  const [answering] = useState(() => new Answering(drafts, session)) // once: a draft goes on in a new session
  useEffect(() => outbox.renew(seat.member.student_id, seat.token), [seat])
  useEffect(() => answering.ask(asked), [answering, asked])
  useEffect(() => {
    const leaving = (e: BeforeUnloadEvent) => {
      if (drafts.value || outbox.unkept) e.preventDefault()
    }
    addEventListener('beforeunload', leaving)
    return () => removeEventListener('beforeunload', leaving)
  }, [])
  return answering
}
