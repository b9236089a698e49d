import { expect, test } from 'vitest'
import { INSTRUMENTS } from '../../../engine/audio/instruments.ts'
import { VISIT_MS } from '../../../engine/box/visit.ts'
import * as probe from '../../../engine/clock/probe.ts'
import * as repeater from '../../../engine/lane/repeater.ts'
import { HEARTBEAT_MS } from '../../../engine/net/heartbeat.ts'
import { LATE_MS } from '../../../engine/play/grid.ts'
import { INNER_STEPS } from '../../../engine/reflect/checkin.ts'
import { FEELINGS, MAX_PROMPT, MAX_TEXT } from '../../../engine/reflect/reflection.ts'
import { ROOM_EVENTS } from '../../../engine/room/apply.ts'
import { GRIDS, MAX_BPM, MAX_INTERVAL, METERS, MIN_BPM } from '../../../engine/room/bounds.ts'
import type { Controls } from '../../../engine/room/controls.ts'
import { HURDLES, MAX_EXPECTED, parseLobby, STEPS } from '../../../engine/room/lobby.ts'
import * as parse from '../../../engine/room/parse.ts'
import { REPORT_MS } from '../../../engine/room/reports.ts'
import { constants } from '../../../engine/testing/golden.ts'
import * as events from '../../../engine/wire/events.ts'
import { MAX_NOTES_UP } from '../../../engine/wire/notes.ts'
import { COUNT_INS } from './modes.ts'

// The page and the box know the same constants: the tests of the box read this file too.
const box = constants()

test('names on the wire', () => {
  expect({
    notes: events.EVENT_NOTES,
    clock: events.EVENT_CLOCK,
    resync: events.EVENT_RESYNC,
    report: events.EVENT_REPORT,
    network: events.EVENT_NETWORK,
    lobby: events.EVENT_LOBBY,
    expect: events.EVENT_EXPECT,
    dismiss: events.EVENT_DISMISS,
  }).toEqual(box.events)
  expect([...ROOM_EVENTS].sort()).toEqual(box.room_events)
})

test('commands', () => {
  const names: Record<keyof Controls, true> = {
    all_call: true,
    ask_check_in: true,
    ask_reflection: true,
    assign_beat: true,
    assign_group: true,
    assign_instrument: true,
    assign_role: true,
    begin_lesson: true,
    end_check_in: true,
    end_lesson: true,
    end_reflection: true,
    go_to_step: true,
    listen_in: true,
    lock_room: true,
    mute_student: true,
    play_alone: true,
    readmit: true,
    remove_student: true,
    set_count_in: true,
    set_hearing: true,
    set_listening: true,
    set_mode: true,
    set_quiet: true,
    set_scale: true,
    set_tempo: true,
    set_volume: true,
    start: true,
    stop: true,
    undo: true,
  }
  expect(Object.keys(names)).toEqual(box.controls)
})

test('settings', () => {
  expect([parse.MODES, parse.LISTENINGS, parse.SCALES]).toEqual([box.modes, box.listenings, box.scales])
  expect([parse.HEARINGS, parse.GROUPS]).toEqual([box.hearings, box.groups])
  const { name, locked, door, ...settings } = parse.DEFAULTS
  expect(settings).toEqual(box.settings)
  expect(INSTRUMENTS.map((i) => i.id).sort()).toEqual([...box.instruments].sort())
  expect(GRIDS).toEqual(box.grids)
  expect([MIN_BPM, MAX_BPM]).toEqual([box.bpm.min, box.bpm.max])
  expect([METERS[0], METERS.at(-1)]).toEqual([box.meter.min, box.meter.max])
  expect([COUNT_INS[0], COUNT_INS.at(-1)]).toEqual([box.count_in.min, box.count_in.max])
  expect(MAX_INTERVAL).toBe(box.interval.max)
  expect(parse.MAX_SEAT).toBe(box.seats - 1)
})

test('limits', () => {
  expect(parse.DEFAULT_EVENT_LIMIT).toEqual(box.limits.events)
  expect(MAX_NOTES_UP).toBe(box.notes_up)
})

test('reflections', () => {
  const { prompt, text, feeling } = box.reflection
  expect([MAX_PROMPT, MAX_TEXT]).toEqual([prompt, text])
  expect([FEELINGS[0], FEELINGS.at(-1)]).toEqual([feeling.min, feeling.max])
})

test('check-ins', () => {
  expect([INNER_STEPS[0], INNER_STEPS.at(-1)]).toEqual([box.check_in.min, box.check_in.max])
})

test('schedules', () => {
  expect({
    after_ms: repeater.REPEAT_MS,
    held_ms: repeater.HELD_MS,
    overlap_ms: repeater.OVERLAP_MS,
    overlap_notes: repeater.OVERLAP_NOTES,
  }).toEqual(box.repeat)
  expect({
    burst: probe.BURST_SIZE,
    gap_ms: probe.BURST_GAP_MS,
    first_phase_ms: probe.FIRST_PHASE_MS,
    first_pause_ms: probe.FIRST_PAUSE_MS,
    later_pause_ms: probe.LATER_PAUSE_MS,
  }).toEqual(box.pings)
  expect([HEARTBEAT_MS, REPORT_MS, LATE_MS]).toEqual([box.heartbeat_ms, box.report_ms, box.late_ms])
  expect([VISIT_MS, MAX_EXPECTED]).toEqual([box.visit_ms, box.expected.max])
})

test('the lobby', () => {
  const { steps, hurdles, marks } = box.lobby
  expect([STEPS, HURDLES]).toEqual([steps, hurdles])
  const visitors = marks.map((mark) => ({ mark, since: 0 }))
  expect(parseLobby({ visitors, members: [] })?.visitors.map((v) => v.mark)).toEqual(marks)
})
