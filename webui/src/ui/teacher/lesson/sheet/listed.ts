import type { Api } from '../../../../engine/box/api.ts'
import { ClassesApi } from '../../../../engine/box/classes.ts'

/** Returns the names on the class list of a room; none without a list, or if the box does not answer. */
export async function listedIn(api: Api, code: string): Promise<readonly string[]> {
  const classes = new ClassesApi(api)
  try {
    const found = (await classes.list()).find((c) => c.room === code)
    if (!found) return []
    const { children } = await classes.read(found.id)
    return children.filter((child) => child.listed).map((child) => child.name)
  } catch {
    return [] // the sheet is of use without the names
  }
}
