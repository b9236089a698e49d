import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Session, uuid } from './seatstore.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

class Memory {
  readonly #map = new Map<string, string>()
  getItem(key: string) {
    return this.#map.get(key) ?? null
  }
  setItem(key: string, value: string) {
    this.#map.set(key, value)
  }
  removeItem(key: string) {
    this.#map.delete(key)
  }
}

const CODE = 'MUSIC-2024'
const seat = { resume: 'secret', name: 'Blue Otter' }

test('a seat survives a reload, and the browser that was closed', () => {
  const local = new Memory()
  const tab = new Memory()
  const release = (() => {
    const session = new Session(local, tab)
    session.keep(CODE, seat)
    return session.hold(CODE)
  })()
  expect(new Session(local, tab).seat(CODE)).toEqual(seat)
  expect(new Session(local, tab).seat('OTHER-1')).toBeUndefined()
  release()
  expect(new Session(local, new Memory()).seat(CODE)).toEqual(seat)
})

test('another tab gets no seat that is in use, until its tab is gone', () => {
  const local = new Memory()
  const first = new Session(local, new Memory())
  first.keep(CODE, seat)
  const release = first.hold(CODE)
  const second = new Session(local, new Memory())
  expect(second.seat(CODE)).toBeUndefined()
  vi.advanceTimersByTime(10 * 60_000)
  expect(second.seat(CODE)).toBeUndefined()
  release()
  expect(second.seat(CODE)).toEqual(seat)
})

test('a tab that crashed gives its seat back after a while', () => {
  const local = new Memory()
  new Session(local, new Memory()).keep(CODE, seat)
  const second = new Session(local, new Memory())
  expect(second.seat(CODE)).toBeUndefined()
  vi.advanceTimersByTime(75_000)
  expect(second.seat(CODE)).toEqual(seat)
})

test('holding a seat does not take over what another tab keeps', () => {
  const local = new Memory()
  const first = new Session(local, new Memory())
  first.keep(CODE, seat)
  const second = new Session(local, new Memory())
  second.keep(CODE, { resume: 'other', name: 'Red Fox' })
  const release = first.hold(CODE)
  release()
  second.hold(CODE)()
  expect(new Session(local, new Memory()).seat(CODE)).toEqual({ resume: 'other', name: 'Red Fox' })
  expect(first.seat(CODE)).toEqual(seat)
})

test('forgetting', () => {
  const session = new Session(new Memory(), new Memory())
  session.keep(CODE, seat)
  session.forget(CODE)
  expect(session.seat(CODE)).toBeUndefined()
  expect([session.name, session.lastCode]).toEqual(['Blue Otter', CODE])
})

test.each(['', 'null', '{', '[]', '{"resume":""}', '{"resume":5}', '7'])('damaged memory: %s', (text) => {
  const local = new Memory()
  local.setItem(`downbeat.seat.${CODE}`, text)
  expect(new Session(local, new Memory()).seat(CODE)).toBeUndefined()
})

test('without storage nothing is remembered and nothing breaks', () => {
  const refuse = () => {
    throw new Error('SecurityError')
  }
  const none = { getItem: refuse, setItem: refuse, removeItem: refuse }
  const session = new Session(none, none)
  session.keep(CODE, seat)
  session.hold(CODE)()
  session.forget(CODE)
  session.name = 'x'
  expect([session.seat(CODE), session.name, session.lastCode]).toEqual([undefined, '', ''])
  expect(new Session().seat(CODE)).toBeUndefined() // Node has no storage at all
})

test('uuids are of version 4 and differ', () => {
  const ids = Array.from({ length: 100 }, uuid)
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  expect(new Set(ids).size).toBe(100)
})
