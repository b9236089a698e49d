import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { pause } from './box.ts'
import type { Host, Lan } from './lan.ts'
import { type Tapped, tap } from './tap.ts'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Quiet, and no network of its own. */
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
]

/** downbeat.local is this machine. */
export const HERE = ['--host-resolver-rules=MAP downbeat.local 127.0.0.1']

/** A browser process of its own; what it plays is heard if there is a sound card in its environment. */
export async function launch(card?: Record<string, string>): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: run scripts/setup.sh`)
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS, ...HERE],
    headless: true,
    ...(card && { env: { ...process.env, ...card }, ignoreDefaultArgs: ['--mute-audio'] }),
  })
}

/** A browser on a machine of its own, which asks that machine where downbeat.local is. */
export function launchOn(lan: Lan, host: Host): Promise<Browser> {
  return chromium.launch({ executablePath: lan.launcher(host, CHROMIUM), args: FLAGS, headless: true })
}

/** A size that the screens are drawn for. */
export const SIZES = {
  phone: { width: 360, height: 740 },
  chromebook: { width: 1366, height: 768 },
  projector: { width: 1920, height: 1080 },
} as const

/** Somebody's own browser: storage and cookies of its own. What goes wrong on its pages is kept. */
export class Person {
  readonly context: BrowserContext
  readonly errors: string[] = []

  private constructor(context: BrowserContext) {
    this.context = context
  }

  static async come(browser: Browser, viewport: { width: number; height: number } = SIZES.chromebook) {
    const person = new Person(await browser.newContext({ viewport, locale: 'en-US' }))
    await person.context.addInitScript(tap)
    return person
  }

  async open(url: string): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', (err) => this.errors.push(err.stack ?? err.message))
    page.on('console', (m) => {
      // The browser itself logs every request that fails, as those to a box that is off.
      if (
        m.type() === 'error' &&
        !m.text().includes('net::ERR_') &&
        !m.text().includes('WebSocket connection')
      )
        this.errors.push(m.text())
    })
    await page.goto(url)
    return page
  }
}

/** Where pictures go; git ignores it. */
export const SHOTS = path.resolve(import.meta.dirname, '../shots')

/** Takes a picture of every page of some people, and tells what went wrong on them. */
export async function photograph(people: readonly Person[], name: string): Promise<void> {
  for (const [i, person] of people.entries()) {
    for (const [k, page] of person.context.pages().entries()) {
      await page
        .screenshot({ path: path.join(SHOTS, `${name}-${i}-${k}.png`), timeout: 5000 })
        .catch(() => undefined)
    }
    for (const error of person.errors) console.log(`# person ${i}: ${error}`)
  }
}

/** The loudest that a page renders while so many ms go by. */
export async function listen(page: Page, ms: number): Promise<number> {
  return page.evaluate(async (span) => {
    const { loudest } = globalThis as unknown as Tapped
    let peak = 0
    const until = performance.now() + span
    while (performance.now() < until) {
      peak = Math.max(peak, loudest())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return peak
  }, ms)
}

/** What counts as sound, and as none: −40 and −60 dBFS. */
export const AUDIBLE = 0.01
export const SILENT = 0.001

/** Waits until a page has rendered silence for as long as the tap remembers, 20 s if nothing else is said. */
export async function silence(page: Page, timeout = 20_000): Promise<void> {
  await page.waitForFunction((silent) => (globalThis as unknown as Tapped).loudest() < silent, SILENT, {
    timeout,
    polling: 100,
  })
}

/** Waits until a page renders a sound, 10 s if nothing else is said, and tells how loud it became. */
export async function sound(page: Page, timeout = 10_000): Promise<number> {
  await page.waitForFunction((audible) => (globalThis as unknown as Tapped).loudest() > audible, AUDIBLE, {
    timeout,
    polling: 50,
  })
  return listen(page, 100)
}

/** Plays a key of the screen with the mouse, for a while. */
export async function strike(page: Page, note: number, ms = 150): Promise<void> {
  const key = await hold(page, note)
  await pause(ms)
  await key.release()
}

/** Presses a key of the screen with the mouse. */
export async function hold(page: Page, note: number) {
  const key = await page.locator(`[data-note="${note}"]`).boundingBox()
  if (!key) throw new Error(`there is no key for ${note}`)
  await page.mouse.move(key.x + key.width / 2, key.y + key.height * 0.8)
  await page.mouse.down()
  return { release: () => page.mouse.up() }
}
