import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import type { Member, RoomState } from '../../../engine/room/types.ts'
import { roomState } from '../../../engine/testing/room.ts'
import { Commands } from './commands.ts'
import type { Command } from './queue.ts'

const stopped: RoomState = {
  ...roomState(),
  timeline: { ...roomState().timeline, running: false, bpm: 100, meter: 3 },
  next: null,
}

function rig(state: RoomState | null = stopped) {
  const sent: Command[] = []
  return { sent, commands: new Commands(signal(state), (command) => sent.push(command)) }
}

function student(student_id: string, change: Partial<Member> = {}): Member {
  return {
    student_id,
    seat: 0,
    role: 'student',
    name: student_id,
    muted: false,
    beats: [],
    group: null,
    instrument: 'piano',
    online: true,
    ...change,
  }
}

test.each<[string, (c: Commands) => void, Command]>([
  ['play', (c) => c.togglePlaying(), { event: 'start', payload: {} }],
  [
    'a tempo takes the meter along',
    (c) => c.setBpm(140),
    { event: 'set_tempo', payload: { bpm: 140, meter: 3 } },
  ],
  ['one faster', (c) => c.changeBpm(1), { event: 'set_tempo', payload: { bpm: 101, meter: 3 } }],
  [
    'no faster than the box',
    (c) => c.changeBpm(900),
    { event: 'set_tempo', payload: { bpm: 300, meter: 3 } },
  ],
  ['a meter keeps the tempo', (c) => c.setMeter(4), { event: 'set_tempo', payload: { bpm: 100, meter: 4 } }],
  ['lock', (c) => c.toggleLock(), { event: 'lock_room', payload: { locked: !stopped.locked } }],
  ['quiet', (c) => c.toggleQuiet(), { event: 'set_quiet', payload: { quiet: !stopped.quiet } }],
])('%s', (_, call, want) => {
  const { sent, commands } = rig()
  call(commands)
  expect(sent).toEqual([want])
})

test('while the music stops with the bar, a second press cuts it off', () => {
  const playing = { ...stopped.timeline, running: true }
  const { sent, commands } = rig({ ...stopped, timeline: playing, next: stopped.timeline })
  commands.togglePlaying()
  expect(sent).toEqual([{ event: 'stop', payload: { now: true } }])
})

test('two taps are a tempo', () => {
  const { sent, commands } = rig()
  commands.tapTempo(0)
  expect(sent).toEqual([])
  commands.tapTempo(500)
  expect(sent).toEqual([{ event: 'set_tempo', payload: { bpm: 120, meter: 3 } }])
})

test('a mode keeps the grid and the loop that are set', () => {
  const { sent, commands } = rig({ ...stopped, mode: 'live', grid: 4, interval: 8 })
  commands.setMode({ mode: 'loop' })
  expect(sent).toEqual([{ event: 'set_mode', payload: { mode: 'loop', grid: 4, interval: 8 } }])
})

test('live mode has no step', () => {
  const { sent, commands } = rig({ ...stopped, mode: 'live' })
  commands.nextStep()
  expect(sent).toEqual([])
})

test('students are muted unless all of them are', () => {
  const { sent, commands } = rig()
  const [ann, ben] = [student('ann', { muted: true }), student('ben')]
  commands.toggleMute([ann, ben])
  commands.toggleMute([ann])
  expect(sent.map((c) => c.payload)).toEqual([
    { student_id: ['ann', 'ben'], muted: true },
    { student_id: 'ann', muted: false },
  ])
})

test('a beat goes to the students without it, unless it is beyond the bar', () => {
  const { sent, commands } = rig()
  const both = [student('ann', { beats: [1] }), student('ben', { beats: [0, 1] })]
  commands.toggleBeat(both, 0)
  commands.toggleBeat(both, 1)
  commands.toggleBeat(both, null)
  commands.toggleBeat(both, 3)
  expect(sent.map((c) => 'beat' in c.payload && c.payload.beat)).toEqual([[0, 1], [], [0], []])
})

test('a part, an instrument and a group are one command for all of them', () => {
  const { sent, commands } = rig()
  const both = [student('ann'), student('ben')]
  commands.setPart(both, 'Bass')
  commands.setInstrument(both, 'organ')
  commands.deal(
    new Map([
      ['ann', 1],
      ['ben', null],
    ]),
  )
  commands.setPart([], 'Bass')
  commands.deal(new Map())
  expect(sent.map((c) => c.payload)).toEqual([
    { student_id: ['ann', 'ben'], role: 'Bass' },
    { student_id: ['ann', 'ben'], instrument: 'organ' },
    { student_id: ['ann', 'ben'], group: [1, null] },
  ])
})

test('the volume of all students is the volume of the class', () => {
  const [ann, ben] = [student('ann'), student('ben')]
  const { sent, commands } = rig({ ...stopped, members: [ann, ben] })
  commands.setVolume([ann], 50)
  commands.setVolume([ann, ben], 25)
  expect(sent.map((c) => c.payload)).toEqual([{ student_id: 'ann', volume: 50 }, { volume: 25 }])
})

test('a second press of quiet at once is a slip', () => {
  const { sent, commands } = rig()
  commands.toggleQuiet(1_000)
  commands.toggleQuiet(1_599)
  expect(sent).toHaveLength(1)
  commands.toggleQuiet(1_600)
  expect(sent).toHaveLength(2)
})

test('before the box has sent its state a change of it does nothing', () => {
  const { sent, commands } = rig(null)
  commands.togglePlaying()
  commands.changeBpm(1)
  commands.setMode({ mode: 'snap' })
  commands.toggleLock()
  expect(sent).toEqual([])
})
