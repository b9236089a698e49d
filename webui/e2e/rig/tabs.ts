import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pause } from './box.ts'
import { CHROMIUM, FLAGS, HOST_RULES } from './browser.ts'
import { signal, stopProcesses } from './machine.ts'

/** How long something may take to appear in a page, ms. */
const PATIENCE_MS = 20_000

interface Answer {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { message: string }
}

/**
 * A browser whose tabs can be hidden. It uses Chromium's own protocol, because Playwright makes every
 * page believe that it is visible.
 */
export class Tabs {
  readonly #profile = mkdtempSync(path.join(tmpdir(), 'downbeat-tabs-'))
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (why: Error) => void }>()
  readonly #requests: Writable
  #lastId = 0
  /** The start of a message whose end has not arrived. */
  #partial = ''

  /** card is the environment of a sound card, if one is needed. */
  constructor(card: Record<string, string> = {}) {
    const args = [
      '--headless',
      ...FLAGS,
      ...HOST_RULES,
      `--user-data-dir=${this.#profile}`,
      '--remote-debugging-pipe',
    ]
    this.#process = spawn(CHROMIUM, [...args, 'about:blank'], {
      env: { ...process.env, ...card },
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.#exited = new Promise<void>((resolve) => {
      for (const event of ['close', 'error'] as const) {
        this.#process.once(event, () => {
          for (const { reject } of this.#waiting.values()) reject(new Error('the browser has ended'))
          resolve()
        })
      }
    })
    this.#requests = this.#process.stdio[3] as Writable
    this.#requests.on('error', () => {}) // the browser has ended, which rejects the requests
    const answers = this.#process.stdio[4] as Readable
    answers.setEncoding('utf8').on('data', (chunk: string) => this.#receive(chunk))
  }

  /** Opens a page in front of the others. script runs there before the page's own code. */
  async open(url: string, script = ''): Promise<Tab> {
    const { targetId } = await this.ask('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.ask('Target.attachToTarget', { targetId, flatten: true })
    const tab = new Tab(this, `${targetId}`, `${sessionId}`)
    await tab.send('Page.enable', {})
    if (script) await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: script })
    await tab.send('Page.navigate', { url })
    return tab
  }

  /**
   * Stops processes of the browser at once, as the kernel does with all of them when a lid is shut:
   * every process, or those of pages. Returns what lets them go on.
   */
  async stop(which: 'all' | 'pages'): Promise<() => void> {
    const stopped = (await this.#processes()).filter(({ type }) => which === 'all' || type === 'renderer')
    return stopProcesses(stopped)
  }

  /** Sends a request of the protocol, and returns its result. */
  async ask(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#lastId
    const answered = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
    this.#requests.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    const { result, error } = await answered
    if (error) throw new Error(`${method}: ${error.message}`)
    return result ?? {}
  }

  async close(): Promise<void> {
    const processes = await this.#processes().catch(() => [])
    this.#process.kill()
    await this.#exited
    for (const { id } of processes) signal(id, 'SIGKILL') // some outlive it, and write into the profile
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }

  async #processes(): Promise<BrowserProcess[]> {
    return (await this.ask('SystemInfo.getProcessInfo', {})).processInfo as BrowserProcess[]
  }

  #receive(chunk: string): void {
    const messages = (this.#partial + chunk).split('\0')
    this.#partial = messages.pop() ?? ''
    for (const text of messages) {
      const answer = JSON.parse(text) as Answer
      this.#waiting.get(answer.id ?? 0)?.resolve(answer)
      this.#waiting.delete(answer.id ?? 0)
    }
  }
}

interface BrowserProcess {
  readonly type: string
  readonly id: number
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

  /** Brings the tab to the front. The tab that was there is hidden. */
  async show(): Promise<void> {
    await this.#tabs.ask('Target.activateTarget', { targetId: this.#target })
  }

  /** Sends a request of the protocol to the tab, and returns its result. */
  send(method: string, params: object): Promise<Record<string, unknown>> {
    return this.#tabs.ask(method, params, this.#session)
  }

  async evaluate<T>(expression: string): Promise<T> {
    const params = { expression, returnByValue: true, awaitPromise: true, userGesture: true }
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', params)
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

  /** Presses the button or label with a text. */
  async press(text: string): Promise<void> {
    const found = `[...document.querySelectorAll('button, label')].find((e) => e.textContent.includes(${JSON.stringify(text)}))`
    await this.until(found)
    await this.evaluate(`${found}.click()`)
  }
}
