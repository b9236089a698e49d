import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Transport } from '../net/types.ts'
import { type FrameSpec, frameBytes, frameMessage } from '../testing/notes.ts'
import { decodeBroadcast } from '../wire/push.ts'
import { decodeRoomFrame, trimFrame, trimMessage } from '../wire/roomframe.ts'
import { FrameFilter } from './filter.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'

let filter: FrameFilter
beforeEach(() => {
  vi.useFakeTimers()
  filter = new FrameFilter()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Filters a frame and decodes what is left; "nothing" if nothing is new. */
function hear(frame: FrameSpec, by: Transport = 'webrtc', laneUp = true) {
  const decoded = decodeRoomFrame(frameBytes(frame))
  if (!decoded) throw new Error('that is no frame')
  const parts = filter.filter(decoded, by, laneUp)
  const left = trimFrame(decoded, parts)
  const message = trimMessage(frameMessage(TOPIC, frame), frameBytes(frame).length, decoded, parts)
  expect(message === null).toBe(left === null)
  if (!message) return 'nothing'
  const broadcast = decodeBroadcast(message)
  if (broadcast?.encoding !== 'binary') throw new Error('what is left is no frame')
  expect([broadcast.topic, broadcast.event]).toEqual([TOPIC, 'n'])
  const again = decodeRoomFrame(broadcast.bytes)
  expect([again?.events, again?.held]).toEqual([left?.events, left?.held])
  return {
    notes: left?.events.map((e) => `${e.seat}:${e.note}/${e.velocity}@${e.at}`),
    held: left?.held?.map((h) => `${h.seat}:${h.note}`) ?? null,
  }
}

const down = [3, 7, 1000, 60, 100] as const
const up = [3, 8, 1012.5, 60, 0] as const
const other = [4, 1, 1020, 64, 90] as const

describe('overlapping frames of the lane', () => {
  test('each note passes once, in order', () => {
    expect(hear({ events: [down], mark: { every: 5, number: 1 } })).toMatchObject({
      notes: ['3:60/100@1000'],
    })
    expect(hear({ events: [down, up], mark: { every: 5, number: 2 } })).toMatchObject({
      notes: ['3:60/0@1012.5'],
    })
    expect(hear({ events: [down, up, other], mark: { every: 5, number: 3 } })).toMatchObject({
      notes: ['4:64/90@1020'],
    })
    expect(hear({ events: [up, other], mark: { every: 5, number: 4 } })).toBe('nothing')
    expect(filter.repeats).toBe(5)
  })

  test('a lost frame does not matter', () => {
    expect(hear({ events: [down, up, other], mark: { every: 5, number: 3 } })).toMatchObject({
      notes: ['3:60/100@1000', '3:60/0@1012.5', '4:64/90@1020'],
    })
    expect(hear({ events: [down, up], mark: { every: 5, number: 2 } })).toBe('nothing')
  })

  test('it is still known which notes a keyboard on the box played', () => {
    hear({ events: [down], mark: { every: 5, number: 1 }, keyboards: [0] })
    const frame = { events: [down, up, other], mark: { every: 5, number: 2 }, keyboards: [0, 1] }
    const decoded = decodeRoomFrame(frameBytes(frame))
    expect(decoded?.events.map((e) => e.keyboard ?? false)).toEqual([true, true, false])
    expect(hear(frame)).toMatchObject({ notes: ['3:60/0@1012.5', '4:64/90@1020'] })
  })

  test('a note that comes again by WebSocket is dropped', () => {
    hear({ events: [down], mark: { every: 5, number: 1 } })
    expect(hear({ events: [down, up] }, 'websocket', false)).toMatchObject({ notes: ['3:60/0@1012.5'] })
  })
})

describe('summaries', () => {
  const held = [[3, 7, 60]] as const

  test('the newest passes, even without new notes', () => {
    hear({ events: [down], mark: { every: 5, number: 1 } })
    expect(hear({ events: [down], held, mark: { every: 5, number: 2 } })).toEqual({
      notes: [],
      held: ['3:60'],
    })
  })

  test.each([
    ['older', 1],
    ['repeated', 2],
  ])('one that is %s is dropped, but its notes pass', (_, number) => {
    hear({ held: [], mark: { every: 5, number: 2 } })
    expect(hear({ events: [down], held, mark: { every: 5, number } })).toEqual({
      notes: ['3:60/100@1000'],
      held: null,
    })
  })

  test('each interval has its own numbers, and numbers wrap', () => {
    hear({ mark: { every: 5, number: 9 } })
    expect(hear({ held, mark: { every: 10, number: 65535 } })).toMatchObject({ held: ['3:60'] })
    expect(hear({ held, mark: { every: 10, number: 0 } })).toMatchObject({ held: ['3:60'] })
  })

  test('one by WebSocket counts only while there is no lane', () => {
    expect(hear({ held }, 'websocket', true)).toBe('nothing')
    expect(hear({ held }, 'websocket', false)).toEqual({ notes: [], held: ['3:60'] })
  })

  test('old numbers are forgotten: after leaving a room, or after a while without frames of that interval', () => {
    hear({ mark: { every: 5, number: 5_000 } })
    vi.advanceTimersByTime(1_900)
    expect(hear({ held, mark: { every: 5, number: 0 } })).toBe('nothing')
    vi.advanceTimersByTime(200)
    expect(hear({ held, mark: { every: 5, number: 0 } })).toMatchObject({ held: ['3:60'] })
  })

  test('a summary of 300 notes passes whole', () => {
    const many = Array.from({ length: 300 }, (_, i) => [i >> 3, i, 60 + (i & 7)] as const)
    const got = hear({ events: [down], held: many, mark: { every: 5, number: 2 } })
    expect(typeof got === 'object' && got.held).toHaveLength(300)
  })

  test('a new lane counts from the beginning', () => {
    hear({ mark: { every: 5, number: 900 } })
    filter.restart()
    expect(hear({ held, mark: { every: 5, number: 1 } })).toMatchObject({ held: ['3:60'] })
  })
})

test('a frame says that the room rests, unless it is old', () => {
  const rests = (number: number) => {
    const frame = { mark: { every: 5, number }, rests: true }
    const decoded = decodeRoomFrame(frameBytes(frame))
    return decoded && filter.filter(decoded, 'webrtc', true).rests
  }
  expect([rests(2), rests(1)]).toEqual([true, false])
})
