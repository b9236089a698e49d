import { ApiError } from '../../engine/box/api.ts'
import { tt } from '../words/teacher.ts'

/** Returns what went wrong with a request, as a sentence for a teacher. */
export function errorText(err: unknown): string {
  const texts: Record<string, string> = tt().problem
  return (err instanceof ApiError ? texts[err.error] : undefined) ?? tt().problem.other
}

/** Whether the box asks the teacher to sign in first. */
export function isSignedOut(err: unknown): boolean {
  return err instanceof ApiError && err.error === 'signed_out'
}
