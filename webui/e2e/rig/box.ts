import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** The program that `make build` builds. */
export const BINARY = path.resolve(import.meta.dirname, '../../../bin/downbeat')

/** How long a box may take until it listens, ms. The target is far less, but the machine may be busy. */
const START_MS = 10_000

/** A box in a process of its own. Its data folder outlives the process. */
export class Box {
  readonly port: number
  /** The host that browsers are sent to. */
  host = 'downbeat.local'
  readonly data = mkdtempSync(path.join(tmpdir(), 'downbeat-e2e-'))
  readonly #on: string[]
  readonly #args: string[]
  #process: ChildProcess | undefined
  #out = ''

  private constructor(port: number, command: string, args: string[], on?: string[]) {
    this.port = port
    this.#on = on ?? []
    const host = on ? '' : '127.0.0.1'
    this.#args = [BINARY, command, '--listen', `${host}:${port}`, '--data', this.data, ...args]
  }

  static async start(command: 'serve' | 'demo', ...args: string[]): Promise<Box> {
    const box = new Box(await freePort(), command, args)
    await box.start()
    return box
  }

  /** Starts a box on a machine of its own. It listens on every address; on is the start of its command line. */
  static async startOn(on: string[], command: 'serve' | 'demo', ...args: string[]): Promise<Box> {
    const box = new Box(await freePort(), command, args, on)
    await box.start()
    return box
  }

  /** The address for browsers: plain http and no local name, so an insecure origin. */
  get url(): string {
    return `http://${this.host}:${this.port}`
  }

  /** The address for programs. */
  get local(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** The claim code, which the first teacher types. */
  get claimCode(): string {
    return readFileSync(path.join(this.data, 'claim-code.txt'), 'utf8').trim()
  }

  /** Prepares a school's Postgres, as an administrator does. */
  async migrate(upstream: string): Promise<void> {
    await promisify(execFile)(BINARY, ['upstream', 'migrate', '--upstream', upstream])
  }

  /** Returns a token of a role, as the command prints it. */
  async token(role: string): Promise<string> {
    const { stdout } = await promisify(execFile)(BINARY, ['token', '--data', this.data, '--role', role])
    return stdout.trim()
  }

  /** Returns the demo's link that signs in and leads to a view, as the box prints it. */
  signInLink(view: 'teacher' | 'stage'): string {
    const link = new RegExp(`http://\\S+/box/v1/signin\\S*to=/${view}\\S*`).exec(this.#out)?.[0]
    if (!link) throw new Error(`the demo printed no link to the ${view}:\n${this.#out}`)
    return link
  }

  /** Returns the path of that link. */
  signIn(view: 'teacher' | 'stage'): string {
    const { pathname, search } = new URL(this.signInLink(view))
    return pathname + search
  }

  async start(): Promise<void> {
    const [program = BINARY, ...args] = [...this.#on, ...this.#args]
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#process = child
    process.once('exit', () => child.kill('SIGKILL'))
    this.#out = ''
    child.stdout?.on('data', (text) => {
      this.#out += text
    })
    const deadline = performance.now() + START_MS
    while (!(await this.#answers())) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('the box does not start')
      await pause(20)
    }
  }

  /** Kills the process: it closes no connection and writes nothing more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM')
    rmSync(this.data, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }

  async #answers(): Promise<boolean> {
    const health = `${this.local}/healthz`
    try {
      if (this.#on.length === 0) return (await fetch(health)).ok
      const [program = '', ...args] = [...this.#on, process.execPath, '-e', `await fetch('${health}')`]
      await promisify(execFile)(program, args)
      return true
    } catch {
      return false
    }
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Returns a port that is free. */
export async function freePort(kind: 'tcp' | 'udp4' = 'tcp'): Promise<number> {
  if (kind === 'udp4') {
    const socket = createSocket(kind).bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    return port
  }
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
