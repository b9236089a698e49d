import { ReflectionOutbox } from '../../../engine/reflect/outbox.ts'
import { storage } from '../../../engine/storage.ts'
import { Drafts } from './answering.ts'

/** The words of this browser that the box may not have. It goes on while the student is on another screen. */
export const outbox = new ReflectionOutbox()

/** The unfinished answer of this tab, so that a reload loses none. */
export const drafts = new Drafts(storage('sessionStorage'), outbox)
