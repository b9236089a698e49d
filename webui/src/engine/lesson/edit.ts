import type { Step } from './types.ts'

/** The beats of a bar while no step has set them. */
const METER = 4

/** Returns a record with another value of a field; undefined leaves the field out. */
export function withField<T extends object, K extends keyof T>(
  record: T,
  name: K,
  value: T[K] | undefined,
): T {
  const { [name]: _, ...others } = record
  return (value === undefined ? others : { ...others, [name]: value }) as T
}

/** Returns the beats of a bar in a step, counted from 0: the step or those before it set them. */
export function meterAt(steps: readonly Step[], at: number): number {
  return steps.slice(0, at + 1).findLast((step) => step.meter !== undefined)?.meter ?? METER
}

/** Returns a list with another element at a place, counted from 0; undefined leaves the element out. */
export function withElement<T>(list: readonly T[], at: number, element: T | undefined): T[] {
  return [...list.slice(0, at), ...(element === undefined ? [] : [element]), ...list.slice(at + 1)]
}

/** Returns a list in which one element, counted from 0, has changed places with the one before it. */
export function movedUp<T>(list: readonly T[], at: number): T[] {
  const element = list[at]
  const before = list[at - 1]
  if (element === undefined || before === undefined) return [...list]
  return [...list.slice(0, at - 1), element, before, ...list.slice(at + 1)]
}
