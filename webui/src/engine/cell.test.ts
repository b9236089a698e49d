import { expect, test } from 'vitest'
import { Cell, Emitter } from './cell.ts'

test('a cell reports changes, but not the same value again', () => {
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

test('the same function may watch twice, and ending one leaves the other', () => {
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

test('an emitter calls its listeners in order', () => {
  const emitter = new Emitter<string>()
  const seen: string[] = []
  const stop = emitter.on((e) => seen.push(`a${e}`))
  emitter.on((e) => seen.push(`b${e}`))
  emitter.emit('1')
  stop()
  emitter.emit('2')
  expect(seen).toEqual(['a1', 'b1', 'b2'])
})
