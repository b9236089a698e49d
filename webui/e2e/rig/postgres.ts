import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './box.ts'

/** The login of the box. */
const BOX = 'music1'

const INSTALLED = '/usr/lib/postgresql'

/** A school's Postgres of its own, on a free port of the loopback interface. */
export class Postgres {
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'downbeat-e2e-postgres-'))
  readonly #port: number
  #process: ChildProcess | undefined

  private constructor(port: number) {
    this.#port = port
  }

  static async start(): Promise<Postgres> {
    const server = new Postgres(await freePort())
    await server.#start()
    return server
  }

  /** The address of its database, with the login of its owner. */
  get url(): string {
    return this.#urlOf('postgres')
  }

  /** The address of its database, with the login of a box. */
  get boxUrl(): string {
    return this.#urlOf(BOX)
  }

  /** Lets the login of the box in, as an administrator does once the database is prepared. */
  async admit(): Promise<void> {
    await this.query(`select downbeat.admit('${BOX}')`)
  }

  /** Runs a statement and returns what it prints. */
  async query(sql: string): Promise<string> {
    const { stdout } = await promisify(execFile)('psql', ['-X', '-A', '-t', '-d', this.url, '-c', sql])
    return stdout.trim()
  }

  async stop(): Promise<void> {
    const ended = this.#process && once(this.#process, 'exit')
    this.#process?.kill('SIGQUIT')
    await ended
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #urlOf(login: string): string {
    return `postgres://${login}@127.0.0.1:${this.#port}/postgres?sslmode=disable`
  }

  async #start(): Promise<void> {
    const version = readdirSync(INSTALLED).sort().at(-1) ?? ''
    const program = (name: string) => path.join(INSTALLED, version, 'bin', name)
    const as = unprivileged()
    if (as.uid !== undefined && as.gid !== undefined) chownSync(this.#dir, as.uid, as.gid)
    const data = path.join(this.#dir, 'data')
    const options = { cwd: this.#dir, ...as }
    await promisify(execFile)(
      program('initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'],
      options,
    )
    const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${this.#dir}`, 'fsync=off']
    const args = ['-D', data, '-p', `${this.#port}`, ...settings.flatMap((s) => ['-c', s])]
    this.#process = spawn(program('postgres'), args, { ...options, stdio: 'ignore' })
    for (let tries = 0; ; tries++) {
      try {
        await this.query(`create role ${BOX} login`)
        return
      } catch (e) {
        if (tries === 300) throw e
        await new Promise((wait) => setTimeout(wait, 100))
      }
    }
  }
}

/** The user as whom root runs a server: Postgres refuses root. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}
