import { expect, test } from 'vitest'
import { Cell, Hook } from './cell.ts'

test('a cell tells of changes, not of the same value again', () => {
  const cell = new Cell(1)
  const seen: number[] = []
  const stop = cell.subscribe((v) => seen.push(v))
  cell.set(1)
  cell.set(2)
  cell.set(2)
  stop()
  stop()
  cell.set(3)
  expect(seen).toEqual([2])
  expect(cell.value).toBe(3)
})

test('the same function may watch twice, and one end leaves the other', () => {
  const cell = new Cell(0)
  let calls = 0
  const watch = () => {
    calls++
  }
  const stop = cell.subscribe(watch)
  cell.subscribe(watch)
  cell.set(1)
  stop()
  cell.set(2)
  expect(calls).toBe(3)
})

test('a watcher may end itself', () => {
  const cell = new Cell(0)
  const seen: number[] = []
  const stop = cell.subscribe((v) => {
    seen.push(v)
    stop()
  })
  cell.subscribe((v) => seen.push(-v))
  cell.set(1)
  cell.set(2)
  expect(seen).toEqual([1, -1, -2])
})

test('a hook tells its listeners in order', () => {
  const hook = new Hook<string>()
  const seen: string[] = []
  const stop = hook.on((e) => seen.push(`a${e}`))
  hook.on((e) => seen.push(`b${e}`))
  hook.emit('1')
  stop()
  hook.emit('2')
  expect(seen).toEqual(['a1', 'b1', 'b2'])
})
