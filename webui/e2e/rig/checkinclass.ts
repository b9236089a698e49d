import type { Page } from 'playwright-core'

/** A class as the box's own API tells it. */
export interface ClassReply {
  id: string
  children: { id: string; name: string; music: number[] }[]
}

/** Makes a class of children who may all be asked how they feel, from a teacher's page. */
export function makeClass(teacher: Page, room: string, names: readonly string[]): Promise<ClassReply> {
  return teacher.evaluate(
    async ([all, code]) => {
      const ask = async (path: string, body: unknown): Promise<ClassReply> => {
        const headers = { 'content-type': 'application/json' }
        const answer = await fetch(`/box/v1/classes${path}`, {
          method: 'POST',
          headers,
          body: JSON.stringify(body),
        })
        return answer.json()
      }
      const { id } = await ask('', { name: '5B', room: code })
      const made = await ask(`/${id}/import`, { version: 0, names: all })
      await ask(`/${id}`, { check_in: true })
      for (const child of made.children) await ask(`/${id}/children/${child.id}`, { consent: true })
      return made
    },
    [names, room] as const,
  )
}

/** Enters a music name by the places of its pictures, on a student's page. */
export async function enterMusic(student: Page, music: readonly number[]): Promise<void> {
  await student.getByRole('button', { name: 'My music name' }).click()
  for (const place of music) await student.locator('dialog button[aria-pressed]').nth(place).click()
  await student.getByRole('dialog', { name: 'Your words' }).waitFor()
  await student.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
}
