import { CheckInOutbox } from '../../../engine/reflect/outbox.ts'

/** The check-ins of this browser that the box may not have. It goes on while the student is on another screen. */
export const checkIns = new CheckInOutbox()
