import { expect } from 'vitest'
import { claim, startBox } from './boxes.ts'
import { feature, type Trial } from './feature.ts'
import type { JoinedChannel, JoinOptions, Program } from './program.ts'
import { teacher } from './token.ts'
import { OLDEST } from './version.ts'

const ROOM = 'music_room:MUSIC-2024'
const acked = { config: { broadcast: { ack: true } } }

interface Student {
  program: Program
  joined: JoinedChannel
  id: string
}

/** Returns a student, once the program knows their id. */
async function student(t: Trial, options: JoinOptions = {}, url = t.boxes.demo): Promise<Student> {
  const program = t.dial({ url })
  const joined = await program.join(ROOM, options)
  const state = await joined.broadcasts.first('the state of the room', (b) => b.event === 'room_state')
  const { student_id: id } = state.payload.you as { student_id: string }
  return { program, joined, id }
}

/** Free places for teachers with nothing but a token. A room has six (appliance/room/roster.go). */
let places = 6

/** Trials that wait for such a place. They run side by side in one room. */
const waiting: (() => void)[] = []

/** Joins as a teacher, once there is a place. */
async function conductor(t: Trial): Promise<JoinedChannel> {
  if (places === 0) await new Promise<void>((resolve) => waiting.push(resolve))
  else places--
  t.after(async () => {
    const next = waiting.shift()
    if (next) next()
    else places++
  })
  return t.dial({ url: t.boxes.demo, token: teacher() }).join(ROOM, acked)
}

feature('room_state holds the room and the client’s own seat', async (t) => {
  const { joined } = await student(t)
  const state = joined.broadcasts.all.find((b) => b.event === 'room_state')
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
      other.broadcasts.first(event, (b) => b.event === event && b.payload.student_id === ann.id)
    const note = await mine('student_note')
    expect(note.payload).toMatchObject({
      midi: 61,
      velocity: 90,
      at: expect.any(Number),
      seq: expect.any(Number),
    })
    expect((await mine('student_note_off')).payload).toMatchObject({ midi: 61 })
    expect(other.broadcasts.all.map((b) => b.event)).not.toContain('play_note')
  }
  const own = ann.joined.broadcasts.all.filter(
    (b) => b.payload.student_id === ann.id && b.event.startsWith('student_note'),
  )
  expect(own).toEqual([])
})

feature('the beat', async (t) => {
  const { joined } = await student(t)
  const beats = await joined.broadcasts.atLeast(2, 'a beat', (b) => b.event === 'beat')
  const [first, second] = beats.map((b) => ({ beat: Number(b.payload.beat), at: Number(b.payload.at) }))
  expect(second?.beat).toBe((first?.beat ?? Number.NaN) + 1)
  expect(second?.at).toBeGreaterThan(first?.at ?? Number.NaN)
})

feature('a teacher sets the tempo', async (t) => {
  const [{ joined }, ann] = [await student(t), await conductor(t)]
  const bpm = 60 + t.version.minor
  expect(await ann.send('set_tempo', { bpm })).toBe('ok')
  await joined.broadcasts.first('the tempo', (b) => b.event === 'tempo_changed' && b.payload.bpm === bpm)
})

feature('a teacher mutes a student', async (t) => {
  const box = await startBox('demo', '--students', '0') // while one is muted, all who come are
  t.after(() => box.stop())
  const [ben, other, ann] = [
    await student(t, acked, box.local),
    await student(t, { presence: true }, box.local),
    await t.dial({ url: box.local, token: teacher() }).join(ROOM, acked),
  ]
  const muted = (b: { event: string; payload: { student_id?: string } }) =>
    b.event === 'student_muted' && b.payload.student_id === ben.id
  expect(await ann.send('mute_student', { student_id: ben.id, muted: true })).toBe('ok')
  expect((await ben.joined.broadcasts.first('being muted', muted)).payload).toMatchObject({ muted: true })
  expect(await ben.joined.send('play_note', { midi: 62 })).toBe('error')
  await other.joined.presence.first(
    'presence to show it',
    (p) => p.event === 'join' && p.metas?.[0]?.student_id === ben.id && p.metas[0].muted === true,
  )
})

feature('a teacher gives out beats and parts', async (t) => {
  const [ben, ann] = [await student(t), await conductor(t)]
  const mine = (event: string) =>
    ben.joined.broadcasts.first(event, (b) => b.event === event && b.payload.student_id === ben.id)
  expect(await ann.send('assign_beat', { student_id: ben.id, beat: [0, 2] })).toBe('ok')
  expect((await mine('beat_assigned')).payload).toMatchObject({ beats: [0, 2] })
  expect(await ann.send('assign_role', { student_id: ben.id, role: 'bass' })).toBe('ok')
  expect((await mine('role_assigned')).payload).toMatchObject({ role: 'bass' })
})

feature('a student cannot control the room', async (t) => {
  const { joined, id } = await student(t, acked)
  expect(await joined.send('set_tempo', { bpm: 300 })).toBe('error')
  expect(await joined.send('student_note', { midi: 60, student_id: id })).toBe('error')
  expect(await joined.send('hello', {})).toBe('ok')
})

feature('members are present without tracking', async (t) => {
  const ann = await student(t, { presence: true })
  const ben = await student(t)
  const came = await ann.joined.presence.first(
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

feature(
  'the flat notes of Flutter',
  async (t) => {
    const [ann, ben] = [await student(t), await student(t)]
    const fields = { type: 'broadcast', event: 'play_note', midi: 63 }
    const join = await ann.program.recorder.frames.first('the join', (f) => f.event === 'phx_join')
    const flat = {
      topic: join.topic,
      event: 'broadcast',
      payload: fields,
      ref: '99',
      join_ref: join.ref ?? '',
    }
    ann.program.client.realtime.push(flat)
    const note = await ben.joined.broadcasts.first(
      'the note',
      (b) => b.event === 'student_note' && b.payload.student_id === ann.id,
    )
    expect(note.payload).toMatchObject({ midi: 63 })
  },
  (v) => v.vsn === 2, // they send the payload alone
)

feature('a name that a client tracks is theirs', async (t) => {
  const [ann, ben] = [await student(t, { presence: true }), await student(t)]
  const name = `Alice ${t.version.minor}`
  const seen = (what: string, fits: (meta: Readonly<Record<string, unknown>>) => boolean) =>
    ann.joined.presence.first(
      what,
      (p) => p.event === 'join' && (p.metas ?? []).some((m) => m.student_id === ben.id && fits(m)),
    )
  expect(await ben.joined.channel.track({ name })).toBe('ok')
  await seen(name, (m) => m.name === name)
  expect(await ben.joined.channel.track({ name: 'Mr Smith', mood: 'bold' })).toBe('ok')
  expect((await seen('the mood', (m) => m.mood === 'bold')).metas).toMatchObject([{ name }])
})

feature('any other event passes unchanged', async (t) => {
  const [ann, ben] = [await student(t), await student(t)]
  await ann.joined.send('wave', { hand: 'left' })
  const wave = await ben.joined.broadcasts.first('the wave', (b) => b.event === 'wave')
  expect(wave.payload).toEqual({ hand: 'left' })
})

feature('a room outlives the box', async (t) => {
  const box = await startBox('serve', '--door', 'open')
  t.after(() => box.stop())
  const headers = { 'Content-Type': 'application/json', Cookie: await claim(box) }
  const body = JSON.stringify({ code: 'CHOIR-1234', name: 'Choir' })
  expect((await fetch(`${box.local}/box/v1/rooms`, { method: 'POST', headers, body })).ok).toBe(true)
  const ann = await t.dial({ url: box.local }).join('music_room:CHOIR-1234')
  await ann.broadcasts.first('the state of the room', (b) => b.event === 'room_state')
  await box.kill()
  await box.start()
  await ann.subscribed(2)
  const states = await ann.broadcasts.atLeast(2, 'the state of the room', (b) => b.event === 'room_state')
  expect(states[1]?.payload).toMatchObject({ code: 'CHOIR-1234', name: 'Choir' })
})
