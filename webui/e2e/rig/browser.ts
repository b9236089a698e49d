import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { pause } from './box.ts'
import { bundle } from './bundle.ts'
import type { Host, Lan } from './lan.ts'
import type { Tapped } from './tap.ts'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Flags for a browser without background traffic, which plays sound before the first press. */
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

/** downbeat.local leads to this machine. */
export const HOST_RULES = ['--host-resolver-rules=MAP downbeat.local 127.0.0.1']

const tapScript = bundle('tap.ts', 'tap').then((code) => ({ content: `${code}\ntap.tap()` }))

/** Starts a browser process of its own. card is the environment of a sound card that records it. */
export async function launch(card?: Record<string, string>): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`there is no ${CHROMIUM}: run scripts/setup.sh`)
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS, ...HOST_RULES],
    headless: true,
    ...(card && { env: { ...process.env, ...card }, ignoreDefaultArgs: ['--mute-audio'] }),
  })
}

/** Starts a browser on a machine of its own. That machine says where downbeat.local is. */
export function launchOn(lan: Lan, host: Host, ...flags: string[]): Promise<Browser> {
  const executablePath = lan.launcher(host, CHROMIUM)
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags], headless: true })
}

/** The sizes that the screens are drawn for. */
export const SIZES = {
  phone: { width: 360, height: 740 },
  chromebook: { width: 1366, height: 768 },
  projector: { width: 1920, height: 1080 },
} as const

/** How long a page may take to show a change while another suite has the machine too, ms. */
export const SHOWN_MS = 120_000

/** A person's browser with its own storage and cookies. It keeps the errors of its pages. */
export class Person {
  readonly context: BrowserContext
  readonly errors: string[] = []

  private constructor(context: BrowserContext) {
    this.context = context
  }

  static async create(browser: Browser, viewport: { width: number; height: number } = SIZES.chromebook) {
    const person = new Person(await browser.newContext({ viewport, locale: 'en-US' }))
    await person.context.addInitScript(await tapScript)
    person.context.setDefaultTimeout(SHOWN_MS)
    return person
  }

  async open(url: string): Promise<Page> {
    const page = await this.context.newPage()
    page.on('pageerror', (err) => this.errors.push(err.stack ?? err.message))
    page.on('console', (m) => {
      // The browser logs every request that fails, for example while the box is off.
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

/** The folder of pictures. Git ignores it. */
export const SHOTS = path.resolve(import.meta.dirname, '../shots')

/** Takes a picture of every page of some people, and logs the errors of the pages. */
export async function takePictures(people: readonly Person[], name: string): Promise<void> {
  for (const [i, person] of people.entries()) {
    for (const [k, page] of person.context.pages().entries()) {
      await page
        .screenshot({ path: path.join(SHOTS, `${name}-${i}-${k}.png`), timeout: 5000 })
        .catch(() => undefined)
    }
    for (const error of person.errors) console.log(`# person ${i}: ${error}`)
  }
}

/** Returns the loudest sample that a page renders within ms. */
export async function loudestWithin(page: Page, ms: number): Promise<number> {
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

/** Louder than AUDIBLE (−40 dBFS) is sound, softer than SILENT (−60 dBFS) is silence. */
export const AUDIBLE = 0.01
export const SILENT = 0.001

/** Waits until a page has been silent for two thirds of a second. Waits 20 s by default. */
export async function waitForSilence(page: Page, timeout = 20_000): Promise<void> {
  await page.waitForFunction((silent) => (globalThis as unknown as Tapped).loudest() < silent, SILENT, {
    timeout,
    polling: 100,
  })
}

/** Waits until a page renders a sound, and returns how loud it becomes. Waits 10 s by default. */
export async function waitForSound(page: Page, timeout = 10_000): Promise<number> {
  await page.waitForFunction((audible) => (globalThis as unknown as Tapped).loudest() > audible, AUDIBLE, {
    timeout,
    polling: 50,
  })
  return loudestWithin(page, 100)
}

/** Plays a key of the screen with the mouse, for ms. */
export async function playKey(page: Page, note: number, ms = 150): Promise<void> {
  const key = await pressKey(page, note)
  await pause(ms)
  await key.release()
}

/** Presses a key of the screen with the mouse. Returns what releases it. */
export async function pressKey(page: Page, note: number) {
  const key = await page.locator(`[data-note="${note}"]`).boundingBox()
  if (!key) throw new Error(`there is no key for ${note}`)
  await page.mouse.move(key.x + key.width / 2, key.y + key.height * 0.8)
  await page.mouse.down()
  return { release: () => page.mouse.up() }
}
