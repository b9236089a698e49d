import { expect, test } from 'vitest'
import { attendance, type Lobby, parseLobby } from './lobby.ts'

const now = 1_000_000
const before = (s: number) => now - 1000 * s

const lobby: Lobby = {
  expected: 0,
  visitors: [
    { mark: 'A', why: '', typed: '', since: before(5) },
    { mark: 'B', why: 'not_found', typed: 'MUSIC-2034', since: before(20) },
    { mark: 'C', why: '', typed: '', since: before(300) },
    { mark: 'D', why: '', typed: '', since: before(1000) },
  ],
  arrivals: [
    { id: 'ada', step: 'played', since: before(60), dismissed: false, was: '' },
    { id: 'ben', step: 'silent', since: before(10), dismissed: false, was: 'Blue Otter' },
    { id: 'cem', step: 'silent', since: before(1), dismissed: false, was: '' },
    { id: 'dan', step: 'coming', since: before(3), dismissed: false, was: '' },
    { id: 'eve', step: 'coming', since: before(50), dismissed: false, was: '' },
    { id: 'fay', step: 'missed', since: before(30), dismissed: false, was: '' },
    { id: 'gus', step: 'away', since: 0, dismissed: false, was: '' },
    { id: 'hal', step: 'missed', since: before(90), dismissed: true, was: '' },
  ],
}

test('counts who is in, and names who is stuck and why', () => {
  const { stuck, ...counts } = attendance(lobby, now)
  expect(counts).toEqual({ expected: 0, here: 3, of: 8, onPage: 4, coming: 2, played: 1 })
  expect(stuck.map((s) => [s.mark || s.id, s.why])).toEqual([
    ['C', 'idle'],
    ['eve', 'no_play'],
    ['fay', 'no_connection'],
    ['B', 'not_found'],
    ['ben', 'no_sound'],
  ])
})

test('the teacher says how many should be in', () => {
  expect(attendance({ ...lobby, expected: 30 }, now)).toMatchObject({ expected: 30, of: 30 })
})

test('reads what the box sends', () => {
  const members = lobby.arrivals.map(({ id, ...rest }) => ({ student_id: id, ...rest }))
  const visitors = [{ mark: 'A', since: before(5) }, ...lobby.visitors.slice(1)]
  expect(parseLobby({ expected: 0, visitors, members })).toEqual(lobby)
})

test.each([null, 7, [], {}, { visitors: [], members: {} }])('nonsense is no lobby: %j', (v) => {
  expect(parseLobby(v)).toBeNull()
})

test('leaves out what makes no sense', () => {
  const visitors = [3, {}, { mark: '' }, { mark: 'D', why: 'a new reason', typed: 7, since: 'x' }]
  const members = [null, { step: 'in' }, { student_id: 'x', step: 'flying' }, { student_id: 'y', step: 'in' }]
  expect(parseLobby({ expected: -2.5, visitors, members })).toEqual({
    expected: 0,
    visitors: [{ mark: 'D', why: '', typed: '', since: 0 }],
    arrivals: [{ id: 'y', step: 'in', since: 0, dismissed: false, was: '' }],
  })
})
