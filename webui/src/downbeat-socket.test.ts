import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as library from './downbeat-socket.ts'

const WEBUI = path.resolve(import.meta.dirname, '..')
const run = promisify(execFile)

let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'downbeat-library-'))
  await run(process.execPath, [
    path.join(WEBUI, 'declarations.mjs'),
    path.join(folder, 'downbeat-socket.d.ts'),
  ])
}, 60_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Errors in the program and in the types. supabase-js has some of its own. */
const OURS = /^(?:program\.ts|downbeat-socket\.d\.ts).*$/gm

/** Compiles a program that stands beside the types; returns the errors. */
async function compile(program: string): Promise<string> {
  writeFileSync(path.join(folder, 'program.ts'), program)
  const supabase = path.join(WEBUI, 'node_modules/@supabase/supabase-js')
  const compilerOptions = {
    ...{ target: 'ES2022', module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2023', 'DOM'], types: [] },
    ...{ strict: true, noEmit: true, skipLibCheck: false, paths: { '@supabase/supabase-js': [supabase] } },
  }
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ files: ['program.ts', 'downbeat-socket.d.ts'], compilerOptions }),
  )
  const tsc = path.join(WEBUI, 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, '-p', folder], { cwd: folder }).then(
    () => '',
    (err: { stdout: string }) => err.stdout.match(OURS)?.join('\n') ?? '',
  )
}

test('a program of supabase-js compiles with the types', { timeout: 60_000 }, async () => {
  const errors = await compile(`
    import { createClient } from '@supabase/supabase-js'
    import { decodeRoomFrame, DownbeatSocket, encodeNotesUp, type LaneStats, type NoteEvent } from './downbeat-socket.js'
    const client = createClient('http://box', 'key', { realtime: { transport: DownbeatSocket, params: { frames: '1' } } })
    const channel = client.channel('music_room:MUSIC-2024').on('broadcast', { event: 'n' }, ({ payload }) => {
      const notes: readonly NoteEvent[] = decodeRoomFrame(new Uint8Array(payload))?.events ?? []
      void notes
    })
    const payload = encodeNotesUp([{ seq: 1, at: 0, note: 60, velocity: 100 }])
    void channel.send({ type: 'broadcast', event: 'n', payload })
    const lane: LaneStats | undefined = new DownbeatSocket('ws://box').lane
    void lane?.rttMs
  `)
  expect(errors).toBe('')
})

test('the types catch mistakes', { timeout: 60_000 }, async () => {
  const errors = await compile(`
    import { DownbeatSocket, encodeNotesUp } from './downbeat-socket.js'
    encodeNotesUp([{ note: 60 }])
    new DownbeatSocket()
  `)
  expect(errors.match(/error TS\d+/g)).toEqual(['error TS2739', 'error TS2554'])
})

test('what the types declare is what the library exports', () => {
  const types = readFileSync(path.join(folder, 'downbeat-socket.d.ts'), 'utf8')
  const declared = [...types.matchAll(/^export declare (?:abstract )?(?:class|function|const) (\w+)/gm)]
  expect(declared.map((match) => match[1]).sort()).toEqual(Object.keys(library).sort())
})
