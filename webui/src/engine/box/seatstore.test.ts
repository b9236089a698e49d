import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStore } from '../testing/store.ts'
import { SeatStore, uuid } from './seatstore.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const CODE = 'MUSIC-2024'
const seat = { resume: 'secret', name: 'Blue Otter' }

test('a seat survives a reload, and a restart of the browser', () => {
  const local = new MemoryStore()
  const tab = new MemoryStore()
  const release = (() => {
    const session = new SeatStore(local, tab)
    session.keep(CODE, seat)
    return session.hold(CODE)
  })()
  expect(new SeatStore(local, tab).seat(CODE)).toEqual(seat)
  expect(new SeatStore(local, tab).seat('OTHER-1')).toBeUndefined()
  release()
  expect(new SeatStore(local, new MemoryStore()).seat(CODE)).toEqual(seat)
})

test('another tab gets no seat that is in use, until that tab is gone', () => {
  const local = new MemoryStore()
  const first = new SeatStore(local, new MemoryStore())
  first.keep(CODE, seat)
  const release = first.hold(CODE)
  const second = new SeatStore(local, new MemoryStore())
  expect(second.seat(CODE)).toBeUndefined()
  vi.advanceTimersByTime(10 * 60_000)
  expect(second.seat(CODE)).toBeUndefined()
  release()
  expect(second.seat(CODE)).toEqual(seat)
})

test('the seat of a crashed tab is free after a while', () => {
  const local = new MemoryStore()
  new SeatStore(local, new MemoryStore()).keep(CODE, seat)
  const second = new SeatStore(local, new MemoryStore())
  expect(second.seat(CODE)).toBeUndefined()
  vi.advanceTimersByTime(75_000)
  expect(second.seat(CODE)).toEqual(seat)
})

test('holding a seat does not take over the seat of another tab', () => {
  const local = new MemoryStore()
  const first = new SeatStore(local, new MemoryStore())
  first.keep(CODE, seat)
  const second = new SeatStore(local, new MemoryStore())
  second.keep(CODE, { resume: 'other', name: 'Red Fox' })
  const release = first.hold(CODE)
  release()
  second.hold(CODE)()
  expect(new SeatStore(local, new MemoryStore()).seat(CODE)).toEqual({ resume: 'other', name: 'Red Fox' })
  expect(first.seat(CODE)).toEqual(seat)
})

test('forgetting', () => {
  const session = new SeatStore(new MemoryStore(), new MemoryStore())
  session.keep(CODE, seat)
  session.forget(CODE)
  expect(session.seat(CODE)).toBeUndefined()
  expect([session.name, session.lastCode]).toEqual(['Blue Otter', CODE])
})

test.each(['', 'null', '{', '[]', '{"resume":""}', '{"resume":5}', '7'])('damaged storage: %s', (text) => {
  const local = new MemoryStore()
  local.setItem(`downbeat.seat.${CODE}`, text)
  expect(new SeatStore(local, new MemoryStore()).seat(CODE)).toBeUndefined()
})

test('without storage nothing is kept and nothing breaks', () => {
  const refuse = () => {
    throw new Error('SecurityError')
  }
  const none = { getItem: refuse, setItem: refuse, removeItem: refuse }
  const session = new SeatStore(none, none)
  session.keep(CODE, seat)
  session.hold(CODE)()
  session.forget(CODE)
  session.name = 'x'
  expect([session.seat(CODE), session.name, session.lastCode]).toEqual([undefined, '', ''])
  expect(new SeatStore().seat(CODE)).toBeUndefined() // Node has no storage at all
})

test('uuids are of version 4 and differ', () => {
  const ids = Array.from({ length: 100 }, uuid)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(new Set(ids).size).toBe(100)
})
