import { beforeEach, expect, test } from 'vitest'
import { Unison } from './unison.ts'

let unison: Unison
let levels: number[]
let ends: number[]
let shared: number

beforeEach(() => {
  unison = new Unison()
  levels = []
  ends = []
  shared = 0
})

const lead = {
  end: (when: number) => void ends.push(when),
  setLevel: (level: number) => void levels.push(level),
  share: () => {
    shared++
  },
}

/** Sounds a note as the synthesizer does. Returns its end, and whether it has a voice of its own. */
function play(sound: string, when: number, level = 1) {
  const joined = unison.join(sound, when, level)
  return { own: joined === null, voice: joined ?? unison.open(sound, when, level, lead) }
}

test('forty equal notes of a beat are one voice, louder by the square root', () => {
  const players = Array.from({ length: 40 }, () => play('drums 36', 2))
  expect(players.filter((p) => p.own)).toHaveLength(1)
  expect(shared).toBe(39)
  expect(levels.length, 'changes of the level').toBeLessThan(10)
  expect(levels.at(-1)).toBeGreaterThan(Math.sqrt(40) / 1.25)
  expect(levels.at(-1)).toBeLessThanOrEqual(Math.sqrt(40))
})

test('other notes and other moments have voices of their own', () => {
  expect(play('piano 60', 2).own).toBe(true)
  expect(play('piano 62', 2).own).toBe(true)
  expect(play('piano 60', 2.02).own).toBe(true)
  expect(play('piano 60', 2.021).own).toBe(false)
})

test('a voice ends with the last of its players, and once', () => {
  const [a, b] = [play('organ 60', 2), play('organ 60', 2)]
  a.voice.end(4)
  a.voice.end(4)
  expect(ends).toEqual([])
  b.voice.end(3)
  expect(ends).toEqual([4])
  expect(play('organ 60', 2).own, 'one that comes after the end').toBe(true)
})

test('forgets what nobody can join any more', () => {
  play('piano 60', 2)
  unison.sweep(2.01)
  expect(play('piano 60', 2).own).toBe(true)
})
