import { isProblem, MAX_SIZE, parsePlan, planText } from '../../../engine/lesson/plan.ts'
import type { Plan, Problem } from '../../../engine/lesson/types.ts'
import { wordsIn } from '../../../engine/room/teaching.ts'
import type { Language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'

/** Gives a plan to the browser as a text file. */
export function download(plan: Plan, language: Language): void {
  const url = URL.createObjectURL(new Blob([planText(plan)], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName(wordsIn(plan.title, language))
  link.click()
  URL.revokeObjectURL(url)
}

/** Returns the name of a file for a title: letters and digits of any alphabet, and dashes. */
export function fileName(title: string): string {
  const name = title.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
  return `${name.replace(/^-|-$/g, '') || 'lesson'}.json`
}

/** Reads a plan from a file. Returns what is wrong with it instead, if something is. */
export async function readFile(file: Blob): Promise<Plan | Problem> {
  if (file.size > MAX_SIZE) return { field: 'size', step: 0, short: false }
  return parsePlan(await file.text())
}

/** Returns one sentence about what is wrong with a plan; empty if nothing is. */
export function problemText(plan: Plan | Problem): string {
  if (!isProblem(plan)) return ''
  const { whole, fields, inPlan, inStep, inShort } = tt().teaching.problems
  const sentence = whole[plan.field]
  if (sentence) return sentence
  const field = fields[plan.field] ?? plan.field
  if (plan.step === 0) return inPlan(field)
  return plan.short ? inShort(plan.step, field) : inStep(plan.step, field)
}
