import { execFileSync } from 'node:child_process'
import type { TestProject } from 'vitest/node'
import { BINARY, Box } from '../../webui/e2e/rig/box.ts'
import { SECRET } from './token.ts'

/** What tests need to know of the boxes that they share. */
export interface Boxes {
  /** A claimed box of `serve`. */
  url: string
  /** The cookie of its teacher. */
  staff: string
  /** Its data folder. */
  data: string
  /** A box of `demo`, with the room MUSIC-2024. */
  demo: string
  /** The public key of a Supabase program, for both boxes. */
  anon: string
}

declare module 'vitest' {
  interface ProvidedContext {
    boxes: Boxes
  }
}

/** How the teacher signs in from a Supabase program. A box has one teacher. */
export const TEACHER = 'teacher@downbeat.local'
export const PASSWORD = 'a long enough password'

const shared: Box[] = []

/** Runs once, before the first test. */
export async function setup(project: TestProject): Promise<void> {
  const [box, demo] = [await startBox('serve'), await startBox('demo', '--students', '0')]
  shared.push(box, demo)
  const staff = await claim(box)
  const anon = printed('--data', box.data, '--role', 'anon')
  project.provide('boxes', { url: box.local, staff, data: box.data, demo: demo.local, anon })
}

/** Runs once, after the last test. */
export async function teardown(): Promise<void> {
  await Promise.all(shared.map((box) => box.stop()))
}

/** Returns what `downbeat token` prints. */
export function printed(...args: string[]): string {
  return execFileSync(BINARY, ['token', ...args], { encoding: 'utf8', stdio: 'pipe' }).trim()
}

export function startBox(command: 'serve' | 'demo', ...args: string[]): Promise<Box> {
  return Box.start(command, '--jwt-secret', SECRET, ...args)
}

/** Claims a box. Returns the cookie that signs the teacher in. */
export async function claim(box: Box): Promise<string> {
  const answer = await fetch(`${box.local}/box/v1/claim`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: box.claimCode, password: PASSWORD }),
  })
  if (!answer.ok) throw new Error(`the box cannot be claimed: ${await answer.text()}`)
  return answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
}
