import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { SHOTS, SIZES } from './browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

mkdirSync(SHOTS, { recursive: true })

/** A rule that a screen breaks, as axe reports it. */
interface Finding {
  id: string
  impact: string | null
  nodes: { html: string }[]
}

/**
 * Takes a picture of a screen in every size, for people to look at. Checks that axe finds nothing and
 * that nothing sticks out at the side.
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    await page.waitForTimeout(250) // fonts and layout settle
    await page.screenshot({ path: path.join(SHOTS, `${name}-${size}.png`) })
    const over = await page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('input')].map(
        (e) => e.scrollWidth - e.clientWidth,
      ),
    )
    expect
      .soft(Math.max(...over), `${name} at ${size}: pixels that stick out at the side`)
      .toBeLessThanOrEqual(0)
    expect.soft(await flaws(page), `${name} at ${size}: what axe finds`).toEqual([])
  }
  await page.setViewportSize(SIZES.chromebook) // or a large page goes on drawing while others are looked at
}

/**
 * Takes a picture of a screen in forced colours in every size, as with a high contrast theme. axe knows
 * only the colours of the styles, so that people have to look.
 */
export async function lookForced(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ forcedColors: 'active', colorScheme: 'dark' })
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    await page.waitForTimeout(250)
    await page.screenshot({ path: path.join(SHOTS, `${name}-forced-${size}.png`) })
  }
  await page.emulateMedia({ forcedColors: null, colorScheme: null })
  await page.setViewportSize(SIZES.chromebook)
}

/** Returns what axe finds wrong with a page. The debugger adds axe, because the page's policy forbids it. */
async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Finding[] }> } }
    return (await axe.run()).violations
  })
  return found.map((f) => `${f.impact} ${f.id}: ${f.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`)
}
