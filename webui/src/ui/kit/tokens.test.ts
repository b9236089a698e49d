import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contrast } from './testing/contrast.ts'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const [paper = '', stage = ''] = css.split('@media')[0]?.split('[data-theme="stage"]') ?? []
const [morePaper = '', moreStage = ''] =
  css.split('prefers-contrast: more')[1]?.split('[data-theme="stage"]') ?? []

function tokens(...blocks: string[]): Record<string, string> {
  return Object.fromEntries(
    [...blocks.join().matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]),
  )
}

// WCAG 2.2: 4.5:1 for text, 3:1 for shapes that carry a meaning.
const TEXT = [
  ['ink', 'paper'],
  ['ink', 'card'],
  ['ink', 'sunk'],
  ['soft', 'paper'],
  ['soft', 'card'],
  ['soft', 'sunk'],
  ['action', 'paper'],
  ['action-ink', 'action'],
  ['beat-ink', 'beat'],
  ['beat-text', 'paper'],
  ['warn', 'warn-soft'],
  ['bad', 'card'],
  ['good', 'sunk'],
]
const SHAPES = [
  ['beat', 'paper'],
  ['edge', 'paper'],
  ['edge', 'card'],
  ['focus', 'paper'],
  ['good', 'card'],
]

test.each([
  ['paper', tokens(paper)],
  ['stage', tokens(paper, stage)],
  ['paper, more contrast', tokens(paper, morePaper)],
  ['stage, more contrast', tokens(paper, stage, morePaper, moreStage)],
])('text on %s can be read', (_, token) => {
  for (const [pairs, least] of [
    [TEXT, 4.5],
    [SHAPES, 3],
  ] as const) {
    for (const [front = '', back = ''] of pairs) {
      expect(contrast(token[front] ?? '', token[back] ?? ''), `${front} on ${back}`).toBeGreaterThanOrEqual(
        least,
      )
    }
  }
})
