import type { Api } from '../box/api.ts'
import { isRecord } from '../wire/frames.ts'
import { isProblem, readPlan } from './plan.ts'
import type { Step } from './types.ts'

/** Returns the steps of the plan that a room follows; none if it follows none. Rejects as the methods of Api do. */
export async function runningSteps(api: Api, code: string): Promise<readonly Step[]> {
  const reply = await api.json<unknown>('GET', `/box/v1/rooms/${encodeURIComponent(code)}/lesson`)
  const lesson = isRecord(reply) && isRecord(reply.lesson) ? reply.lesson : null
  if (!lesson) return []
  const plan = readPlan({ downbeat_lesson: 1, title: lesson.title, steps: lesson.steps })
  return isProblem(plan) ? [] : plan.steps
}
