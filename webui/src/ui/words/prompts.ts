import { type PromptName, prompts } from './en/prompts.ts'

/** The five competencies of CASEL. */
export const COMPETENCIES = ['self', 'manage', 'social', 'relate', 'decide'] as const
export type Competency = (typeof COMPETENCIES)[number]

/** Whom a prompt suits: ages 8 to 10, 11 to 14, or both. */
export type Age = 'younger' | 'older'

/** The names of the prompts, in the order in which teachers see them. */
const NAMES = Object.keys(prompts) as PromptName[]

/** The age of the prompts that suit only one. */
const AGES: Partial<Record<PromptName, Age>> = {
  self_proud: 'younger',
  self_body: 'older',
  manage_calm: 'younger',
  manage_focus: 'older',
  social_heard: 'younger',
  social_others: 'older',
  relate_thanks: 'younger',
  relate_space: 'older',
  decide_next: 'younger',
  decide_affects: 'older',
}

/** Returns the prompts of a competency that suit an age. Their names begin with the competency. */
export function promptsFor(competency: Competency, age: Age): PromptName[] {
  return NAMES.filter((name) => name.startsWith(`${competency}_`) && (AGES[name] ?? age) === age)
}

/** Returns a prompt of the wire as people read it: one of the list in their language, or the teacher's own words. */
export function promptText(prompt: string, texts: Readonly<Record<PromptName, string>>): string {
  const name = NAMES.find((n) => n === prompt)
  return name ? texts[name] : prompt
}
