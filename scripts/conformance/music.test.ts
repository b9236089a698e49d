import { expect } from 'vitest'
import { claim, startBox } from './boxes.ts'
import { feature, type Trial } from './feature.ts'
import type { Joined, JoinWish } from './person.ts'
import { teacher } from './token.ts'
import { OLDEST } from './version.ts'

const ROOM = 'music_room:MUSIC-2024'
const acked = { config: { broadcast: { ack: true } } }

/** Who somebody is, once he knows it. */
async function student(t: Trial, wish: JoinWish = {}): Promise<{ joined: Joined; id: string }> {
  const joined = await t.dial({ url: t.boxes.demo }).join(ROOM, wish)
  const state = await joined.heard.first('the state of the room', (b) => b.event === 'room_state')
  return { joined, id: state.payload.you.student_id }
}

const conductor = (t: Trial) => t.dial({ url: t.boxes.demo, token: teacher() }).join(ROOM, acked)

feature('room_state says what the room is, and who one is', async (t) => {
  const { joined } = await student(t)
  const state = joined.heard.all.find((b) => b.event === 'room_state')
  expect(state?.payload).toMatchObject({
    code: 'MUSIC-2024',
    revision: expect.any(Number),
    timeline: { running: true, bpm: expect.any(Number), meter: expect.any(Number) },
    you: { student_id: expect.any(String), seat: expect.any(Number) },
  })
})

feature('play_note becomes student_note', async (t) => {
  const ann = await student(t, acked)
  const others = [(await student(t)).joined, await t.dialWith(OLDEST, { url: t.boxes.demo }).join(ROOM)]
  expect(await ann.joined.send('play_note', { midi: 61, velocity: 90 })).toBe('ok')
  expect(await ann.joined.send('stop_note', { midi: 61 })).toBe('ok')
  for (const other of others) {
    const mine = (event: string) =>
      other.heard.first(event, (b) => b.event === event && b.payload.student_id === ann.id)
    const note = await mine('student_note')
    expect(note.payload).toMatchObject({
      midi: 61,
      velocity: 90,
      at: expect.any(Number),
      seq: expect.any(Number),
    })
    expect((await mine('student_note_off')).payload).toMatchObject({ midi: 61 })
    expect(other.heard.all.map((b) => b.event)).not.toContain('play_note')
  }
  const own = ann.joined.heard.all.filter(
    (b) => b.payload.student_id === ann.id && b.event.startsWith('student_note'),
  )
  expect(own).toEqual([])
})

feature('the beat', async (t) => {
  const { joined } = await student(t)
  const beats = await joined.heard.atLeast(2, 'a beat', (b) => b.event === 'beat')
  const [first, second] = beats.map((b) => b.payload)
  expect(second.beat).toBe(first.beat + 1)
  expect(second.at).toBeGreaterThan(first.at)
})

feature('a teacher sets the tempo', async (t) => {
  const [{ joined }, ann] = [await student(t), await conductor(t)]
  const bpm = 60 + t.version.minor
  expect(await ann.send('set_tempo', { bpm })).toBe('ok')
  await joined.heard.first('the tempo', (b) => b.event === 'tempo_changed' && b.payload.bpm === bpm)
})

feature('a teacher mutes a student', async (t) => {
  const [ben, other, ann] = [
    await student(t, acked),
    await student(t, { presence: true }),
    await conductor(t),
  ]
  const muted = (b: { event: string; payload: { student_id?: string } }) =>
    b.event === 'student_muted' && b.payload.student_id === ben.id
  expect(await ann.send('mute_student', { student_id: ben.id, muted: true })).toBe('ok')
  expect((await ben.joined.heard.first('being muted', muted)).payload).toMatchObject({ muted: true })
  expect(await ben.joined.send('play_note', { midi: 62 })).toBe('error')
  await other.joined.seen.first(
    'presence to show it',
    (p) => p.event === 'join' && p.metas?.[0]?.student_id === ben.id && p.metas[0].muted,
  )
})

feature('a teacher gives out beats and parts', async (t) => {
  const [ben, ann] = [await student(t), await conductor(t)]
  const mine = (event: string) =>
    ben.joined.heard.first(event, (b) => b.event === event && b.payload.student_id === ben.id)
  expect(await ann.send('assign_beat', { student_id: ben.id, beat: [0, 2] })).toBe('ok')
  expect((await mine('beat_assigned')).payload).toMatchObject({ beats: [0, 2] })
  expect(await ann.send('assign_role', { student_id: ben.id, role: 'bass' })).toBe('ok')
  expect((await mine('role_assigned')).payload).toMatchObject({ role: 'bass' })
})

feature('nobody else controls the room', async (t) => {
  const { joined, id } = await student(t, acked)
  expect(await joined.send('set_tempo', { bpm: 300 })).toBe('error')
  expect(await joined.send('student_note', { midi: 60, student_id: id })).toBe('error')
  expect(await joined.send('hello', {})).toBe('ok')
})

feature('members are present without tracking', async (t) => {
  const ann = await student(t, { presence: true })
  const ben = await student(t)
  const came = await ann.joined.seen.first(
    'Ben',
    (p) => p.event === 'join' && (p.metas ?? []).some((m) => m.student_id === ben.id),
  )
  expect(came.metas?.[0]).toMatchObject({
    seat: expect.any(Number),
    role: 'student',
    muted: false,
    beats: [],
  })
})

feature('any other event passes unchanged', async (t) => {
  const [ann, ben] = [await student(t), await student(t)]
  await ann.joined.send('wave', { hand: 'left' })
  const wave = await ben.joined.heard.first('the wave', (b) => b.event === 'wave')
  expect(wave.payload).toEqual({ hand: 'left' })
})

feature('a room outlives the box', async (t) => {
  const box = await startBox('serve', '--door', 'open')
  t.after(() => box.stop())
  const headers = { 'Content-Type': 'application/json', Cookie: await claim(box) }
  const body = JSON.stringify({ code: 'CHOIR-1234', name: 'Choir' })
  expect((await fetch(`${box.local}/box/v1/rooms`, { method: 'POST', headers, body })).ok).toBe(true)
  const ann = await t.dial({ url: box.local }).join('music_room:CHOIR-1234')
  await ann.heard.first('the state of the room', (b) => b.event === 'room_state')
  await box.kill()
  await box.start()
  await ann.subscribed(2)
  const states = await ann.heard.atLeast(2, 'the state of the room', (b) => b.event === 'room_state')
  expect(states[1]?.payload).toMatchObject({ code: 'CHOIR-1234', name: 'Choir' })
})
