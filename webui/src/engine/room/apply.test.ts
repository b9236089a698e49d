import { describe, expect, test } from 'vitest'
import { seeded } from '../testing/golden.ts'
import { ada, ben, roomState, timeline } from '../testing/room.ts'
import { applyEvent, promoteNext } from './apply.ts'
import { parseMember, parseRoomState, parseTimeline } from './parse.ts'
import type { RoomState } from './types.ts'

const state = roomState()

function applied(event: string, payload: Record<string, unknown>, now = 0): RoomState {
  const got = applyEvent(state, event, { revision: 13, ...payload }, now)
  if (typeof got === 'string') throw new Error(`${event}: ${got}`)
  return got
}

describe('events', () => {
  test.each([
    ['student_muted', { student_id: 'ada', muted: true }, { muted: true }],
    ['beat_assigned', { student_id: 'ada', beat: 2, beats: [2] }, { beats: [2] }],
    ['beat_assigned', { student_id: 'ada', beat: [], beats: [] }, { beats: [] }],
    ['role_assigned', { student_id: 'ada', role: 'bass line' }, { role: 'bass line' }],
    ['instrument_assigned', { student_id: 'ada', instrument: 'drums' }, { instrument: 'drums' }],
  ])('%s %j', (event, payload, want) => {
    const got = applied(event, payload)
    expect(got).toEqual({ ...state, revision: 13, members: [{ ...ada, ...want }, ben] })
  })

  test.each([
    [{ mode: 'snap', grid: 3 }],
    [{ listening: 'stage' }],
    [{ scale: { root: 9, kind: 'minor' } }],
    [{ quiet: true }],
    [{ count_in: 2 }],
    [{ locked: true }],
  ])('room_changed %j', (fields) => {
    expect(applied('room_changed', fields)).toEqual({ ...state, revision: 13, ...fields })
  })

  test('member_changed adds a member in order of seats', () => {
    const member = { ...ada, student_id: 'cleo', seat: 3, name: 'Green Heron' }
    expect(applied('member_changed', { member }).members.map((m) => m.student_id)).toEqual([
      'ada',
      'cleo',
      'ben',
    ])
  })

  test('member_changed replaces a member, and the one who had the seat', () => {
    const member = { ...ben, student_id: 'dora' }
    expect(applied('member_changed', { member }).members.map((m) => m.student_id)).toEqual(['ada', 'dora'])
    const moved = applied('member_changed', { member: { ...ada, online: false } })
    expect(moved.members[0]).toEqual({ ...ada, online: false })
  })

  test('member_removed', () => {
    expect(applied('member_removed', { student_id: 'ben' }).members).toEqual([ada])
  })

  test('a state is never altered', () => {
    const before = structuredClone(state)
    applied('student_muted', { student_id: 'ada', muted: true })
    expect(state).toEqual(before)
  })
})

describe('tempo', () => {
  const later = { ...timeline, revision: 5, bpm: 120, beat0: 8, time0: 5000, bar0: 2 }

  test('holds from its time on', () => {
    const pending = applied('tempo_changed', { ...later, room_revision: 13 }, 4000)
    expect(pending.timeline).toEqual(timeline)
    expect(pending.next).toEqual(later)
    expect(promoteNext(pending, 4999)).toBe(pending)
    expect(promoteNext(pending, 5000)).toEqual({ ...pending, timeline: later, next: null })
  })

  test('holds at once if its time is past', () => {
    const got = applied('tempo_changed', { ...later, room_revision: 13 }, 5000)
    expect([got.timeline, got.next]).toEqual([later, null])
  })

  test('a pending one is not lost when another comes after its time', () => {
    const pending = { ...state, next: later }
    const newest = { ...later, revision: 6, time0: 9000 }
    const got = applyEvent(pending, 'tempo_changed', { ...newest, room_revision: 13 }, 6000)
    expect(got).toMatchObject({ timeline: later, next: newest })
  })

  test('a pending one is replaced by another before its time', () => {
    const pending = { ...state, next: later }
    const newest = { ...later, revision: 6, time0: 9000 }
    const got = applyEvent(pending, 'tempo_changed', { ...newest, room_revision: 13 }, 4000)
    expect(got).toMatchObject({ timeline, next: newest })
  })
})

describe('revisions', () => {
  const payload = { student_id: 'ada', muted: true }
  test.each([
    ['older', 11, 'same'],
    ['two ahead', 14, 'gap'],
    ['missing', undefined, 'same'],
    ['not a number', 'x', 'same'],
  ])('%s', (_, revision, want) => {
    expect(applyEvent(state, 'student_muted', { ...payload, revision }, 0)).toBe(want)
  })

  test('the same revision again applies: several events may report one change', () => {
    expect(applyEvent(state, 'student_muted', { ...payload, revision: 12 }, 0)).toMatchObject({
      revision: 12,
    })
  })

  test.each([
    ['student_muted', { student_id: 'nobody', muted: true }],
    ['member_changed', { member: { student_id: 'x', seat: 72 } }],
    ['tempo_changed', { bpm: 'fast', room_revision: 13 }],
  ])('%s that cannot be applied is a gap', (event, p) => {
    expect(applyEvent(state, event, { revision: 13, ...p }, 0)).toBe('gap')
  })

  test.each(['beat', 'student_note', 'toString', '__proto__', 'hello'])(
    '%s is not about the state',
    (event) => {
      expect(applyEvent(state, event, { revision: 99 }, 0)).toBe('same')
    },
  )
})

describe('parsing', () => {
  test('room_state, whole', () => {
    expect(parseRoomState(JSON.parse(JSON.stringify(state)))).toEqual(state)
  })

  test('what is missing gets a harmless value', () => {
    const got = parseRoomState({
      revision: 1,
      code: 'A-1',
      timeline,
      members: [{ student_id: 'x', seat: 0 }],
    })
    expect(got).toMatchObject({ mode: 'live', listening: 'own', quiet: false, next: null, you: null })
    expect(got?.members[0]).toMatchObject({ role: 'student', beats: [], muted: false })
  })

  test.each([
    [null],
    ['x'],
    [[]],
    [{}],
    [{ ...state, revision: 'x' }],
    [{ ...state, timeline: null }],
    [{ ...state, members: {} }],
    [{ ...state, code: 1 }],
  ])('no room_state: %j', (v) => expect(parseRoomState(v)).toBeNull())

  test.each([
    [null],
    [{ ...timeline, bpm: 0 }],
    [{ ...timeline, meter: 0 }],
    [{ ...timeline, time0: null }],
    [{ ...timeline, beat0: '1' }],
  ])('no timeline: %j', (v) => expect(parseTimeline(v)).toBeNull())

  test.each([[null], [{ ...ada, seat: -1 }], [{ ...ada, seat: 1.5 }], [{ ...ada, student_id: 7 }]])(
    'no member: %j',
    (v) => expect(parseMember(v)).toBeNull(),
  )

  test('damage gives a state or nothing', () => {
    const random = seeded(3)
    const junk: unknown[] = [null, -1, 1e308, 'x', [], {}, true, [null], { root: 'x' }]
    const pick = () => junk[Math.floor(random() * junk.length)]
    for (let i = 0; i < 2000; i++) {
      const damaged: Record<string, unknown> = structuredClone({ ...state })
      for (const key of Object.keys(damaged)) if (random() < 0.2) damaged[key] = pick()
      const got = parseRoomState(damaged)
      if (got) applyEvent(got, 'room_changed', { ...damaged, revision: got.revision }, 0)
      applyEvent(
        state,
        'member_changed',
        { revision: 13, member: { ...ada, seat: pick(), beats: pick() } },
        0,
      )
    }
  })
})
