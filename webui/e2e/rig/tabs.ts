import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pause } from './box.ts'
import { CHROMIUM, FLAGS, HERE } from './browser.ts'

/** How long something in a page may take to appear, ms. */
const PATIENCE_MS = 20_000

interface Answer {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { message: string }
}

/**
 * A browser whose tabs can be hidden. It is spoken to by Chromium's own protocol, for Playwright
 * makes every page believe that it is seen.
 */
export class Tabs {
  readonly #profile = mkdtempSync(path.join(tmpdir(), 'downbeat-tabs-'))
  readonly #process: ChildProcess
  readonly #over: Promise<unknown>
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (why: Error) => void }>()
  readonly #requests: Writable
  #asked = 0
  #said = ''

  /** card is what a sound card wants around it. */
  constructor(card: Record<string, string>) {
    const args = [
      '--headless',
      ...FLAGS,
      ...HERE,
      `--user-data-dir=${this.#profile}`,
      '--remote-debugging-pipe',
    ]
    this.#process = spawn(CHROMIUM, [...args, 'about:blank'], {
      env: { ...process.env, ...card },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.#over = new Promise<void>((resolve) => {
      for (const event of ['close', 'error'] as const) {
        this.#process.once(event, () => {
          for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'))
          resolve()
        })
      }
    })
    this.#requests = this.#process.stdio[3] as Writable
    this.#requests.on('error', () => {}) // it has ended, which is told
    const answers = this.#process.stdio[4] as Readable
    answers.setEncoding('utf8').on('data', (chunk: string) => this.#hear(chunk))
  }

  /** Opens a page in front of the others. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.ask('Target.createTarget', { url })
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true })
    return new Tab(this, `${targetId}`, `${sessionId}`)
  }

  async ask(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#asked
    const answered = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#requests.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async close(): Promise<void> {
    this.#process.kill()
    await this.#over
    rmSync(this.#profile, { recursive: true, force: true })
  }

  #hear(chunk: string): void {
    const messages = (this.#said + chunk).split('\0')
    this.#said = messages.pop() ?? ''
    for (const text of messages) {
      const answer = JSON.parse(text) as Answer
      this.#waiting.get(answer.id ?? 0)?.resolve(answer)
      this.#waiting.delete(answer.id ?? 0)
    }
  }
}

export class Tab {
  readonly #tabs: Tabs
  readonly #target: string
  readonly #session: string

  constructor(tabs: Tabs, target: string, session: string) {
    this.#tabs = tabs
    this.#target = target
    this.#session = session
  }

  /** Brings it to the front; the one that was there is hidden. */
  async show(): Promise<void> {
    await this.#tabs.ask('Target.activateTarget', { targetId: this.#target })
  }

  async evaluate<T>(expression: string): Promise<T> {
    const params = { expression, returnByValue: true, awaitPromise: true, userGesture: true }
    const { result, exceptionDetails } = await this.#tabs.ask('Runtime.evaluate', params, this.#session)
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return (result as { value: T }).value
  }

  /** Waits until an expression is true of the page. */
  async until(expression: string): Promise<void> {
    for (let left = PATIENCE_MS; !(await this.evaluate(`Boolean(${expression})`)); left -= 50) {
      if (left <= 0) throw new Error(`waited in vain: ${expression}`)
      await pause(50)
    }
  }

  /** Presses what has a text on it. */
  async press(text: string): Promise<void> {
    const found = `[...document.querySelectorAll('button, label')].find((e) => e.textContent.includes(${JSON.stringify(text)}))`
    await this.until(found)
    await this.evaluate(`${found}.click()`)
  }
}
