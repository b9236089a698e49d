import { signal } from '@preact/signals'
import type { ReflectionOutbox } from '../../../engine/reflect/outbox.ts'
import { parseReflection, type Reflection } from '../../../engine/reflect/reflection.ts'
import { parseQuestion, type Question } from '../../../engine/room/lesson.ts'
import { read, remove, type Store, write } from '../../../engine/storage.ts'
import { isRecord } from '../../../engine/wire/frames.ts'

/** An answer that is neither sent nor skipped, and the token of its author. */
interface Draft {
  readonly question: Question
  readonly row: Reflection
  readonly token: string
}

const DRAFT = 'downbeat.draft'
const DONE = 'downbeat.answered'

/** The draft of this tab. A reload keeps it, and so does the end of the room. */
export class Drafts {
  readonly #tab: Store
  readonly #outbox: Pick<ReflectionOutbox, 'add'>
  #draft: Draft | null

  constructor(tab: Store, outbox: Pick<ReflectionOutbox, 'add'>) {
    this.#tab = tab
    this.#outbox = outbox
    this.#draft = parseDraft(read(tab, DRAFT))
  }

  get value(): Draft | null {
    return this.#draft
  }

  /** Keeps a draft; one without words and feeling is none. */
  set(draft: Draft | null): void {
    this.#draft = draft && (draft.row.text !== null || draft.row.feeling !== null) ? draft : null
    if (this.#draft) write(this.#tab, DRAFT, JSON.stringify(this.#draft))
    else remove(this.#tab, DRAFT)
  }

  /** Whether a question was the last one that was answered or skipped in this tab. */
  answered(question: Question): boolean {
    return read(this.#tab, DONE) === question.id
  }

  /** Notes that a question is answered or skipped. There is no draft any more. */
  finish(question: Question): void {
    write(this.#tab, DONE, question.id)
    this.set(null)
  }

  /** Sends the draft as it is, because its page ends. The teacher reads it only if the student chose so. */
  release(): void {
    if (!this.#draft) return
    const { row, token, question } = this.#draft
    this.#outbox.add({ ...row, shared: row.shared || row.talk }, token)
    this.finish(question)
  }
}

/**
 * The question that a student is at. A student who answers keeps their question, also when the
 * teacher has ended it or asks another one.
 */
export class Answering {
  /** Null while there is none. */
  readonly question = signal<Question | null>(null)
  readonly #drafts: Drafts
  #asked: Question | null = null

  /** A draft of the same session goes on; one of another session is sent. */
  constructor(drafts: Drafts, session: string) {
    this.#drafts = drafts
    if ((drafts.value?.row.session_id ?? '') !== session) drafts.release()
    this.question.value = drafts.value?.question ?? null
  }

  /** Takes the question of the room. */
  ask(asked: Question | null): void {
    this.#asked = asked
    if (this.#drafts.value || (asked && asked.id === this.question.value?.id)) return
    this.question.value = this.#next()
  }

  /** Keeps what the student has typed or chosen. */
  typing(row: Reflection, token: string): void {
    const question = this.question.value
    if (question) this.#drafts.set({ question, row, token })
  }

  /** Notes that the answer is sent. Its question stays until the student goes back. */
  sent(): void {
    if (this.question.value) this.#drafts.finish(this.question.value)
  }

  /** Goes back to the music. */
  finish(): void {
    this.sent()
    this.question.value = this.#next()
  }

  #next(): Question | null {
    return this.#asked && !this.#drafts.answered(this.#asked) ? this.#asked : null
  }
}

function parseDraft(saved: string): Draft | null {
  try {
    const v: unknown = JSON.parse(saved)
    if (!isRecord(v) || typeof v.token !== 'string') return null
    const question = parseQuestion(v.question)
    const kept = parseReflection(v.row)
    if (!question || !kept) return null
    const { created_at, ...row } = kept
    return { question, row, token: v.token }
  } catch {
    return null
  }
}
