import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { frameBytes, frameMessage, type Written } from '../testing/notes.ts'
import { decodeBroadcast } from '../wire/frames.ts'
import { decodeRoomFrame } from '../wire/notes.ts'
import { Frames } from './filter.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'

let frames: Frames
beforeEach(() => {
  vi.useFakeTimers()
  frames = new Frames()
})
afterEach(() => {
  vi.useRealTimers()
})

/** What is heard of a frame; "nothing" if that is so. */
function hear(frame: Written, by: 'lane' | 'socket' = 'lane', laneUp = true) {
  const heard = frames.take(frameMessage(TOPIC, frame), frameBytes(frame), by, laneUp)
  if (!heard) return 'no frame'
  if (!heard.message) return 'nothing'
  const broadcast = decodeBroadcast(heard.message)
  if (broadcast?.encoding !== 'binary') throw new Error('what is left is no frame')
  expect([broadcast.topic, broadcast.event]).toEqual([TOPIC, 'n'])
  const left = decodeRoomFrame(broadcast.bytes)
  return {
    notes: left?.events.map((e) => `${e.seat}:${e.note}/${e.velocity}@${e.at}`),
    held: left?.held?.map((h) => `${h.seat}:${h.note}`) ?? null,
  }
}

const down = [3, 7, 1000, 60, 100] as const
const up = [3, 8, 1012.5, 60, 0] as const
const other = [4, 1, 1020, 64, 90] as const

describe('windows of the lane', () => {
  test('each note is heard once, and in its order', () => {
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
    expect(frames.repeats).toBe(5)
  })

  test('a lost one does not matter', () => {
    expect(hear({ events: [down, up, other], mark: { every: 5, number: 3 } })).toMatchObject({
      notes: ['3:60/100@1000', '3:60/0@1012.5', '4:64/90@1020'],
    })
    expect(hear({ events: [down, up], mark: { every: 5, number: 2 } })).toBe('nothing')
  })

  test('what comes again by WebSocket is known', () => {
    hear({ events: [down], mark: { every: 5, number: 1 } })
    expect(hear({ events: [down, up] }, 'socket', false)).toMatchObject({ notes: ['3:60/0@1012.5'] })
  })
})

describe('summaries', () => {
  const held = [[3, 7, 60]] as const

  test('the newest counts, without new notes too', () => {
    hear({ events: [down], mark: { every: 5, number: 1 } })
    expect(hear({ events: [down], held, mark: { every: 5, number: 2 } })).toEqual({
      notes: [],
      held: ['3:60'],
    })
  })

  test.each([
    ['older', 1],
    ['repeated', 2],
  ])('one that is %s is not heard, but its notes are', (_, number) => {
    hear({ held: [], mark: { every: 5, number: 2 } })
    expect(hear({ events: [down], held, mark: { every: 5, number } })).toEqual({
      notes: ['3:60/100@1000'],
      held: null,
    })
  })

  test('frames further apart count by themselves, and numbers wrap', () => {
    hear({ mark: { every: 5, number: 9 } })
    expect(hear({ held, mark: { every: 10, number: 65535 } })).toMatchObject({ held: ['3:60'] })
    expect(hear({ held, mark: { every: 10, number: 0 } })).toMatchObject({ held: ['3:60'] })
  })

  test('one by WebSocket counts only while there is no lane', () => {
    expect(hear({ held }, 'socket', true)).toBe('nothing')
    expect(hear({ held }, 'socket', false)).toEqual({ notes: [], held: ['3:60'] })
  })

  test('numbers are forgotten: a room is left, or others get frames of that interval for long', () => {
    hear({ mark: { every: 5, number: 5_000 } })
    vi.advanceTimersByTime(1_900)
    expect(hear({ held, mark: { every: 5, number: 0 } })).toBe('nothing')
    vi.advanceTimersByTime(200)
    expect(hear({ held, mark: { every: 5, number: 0 } })).toMatchObject({ held: ['3:60'] })
  })

  test('one of hundreds of notes is whole', () => {
    const many = Array.from({ length: 300 }, (_, i) => [i >> 3, i, 60 + (i & 7)] as const)
    const got = hear({ events: [down], held: many, mark: { every: 5, number: 2 } })
    expect(typeof got === 'object' && got.held).toHaveLength(300)
  })

  test('another lane counts anew', () => {
    hear({ mark: { every: 5, number: 900 } })
    frames.restart()
    expect(hear({ held, mark: { every: 5, number: 1 } })).toMatchObject({ held: ['3:60'] })
  })
})

test('a frame says that the room rests; an old one does not', () => {
  const rests = (number: number) => {
    const frame = { mark: { every: 5, number }, rests: true }
    return frames.take(frameMessage(TOPIC, frame), frameBytes(frame), 'lane', true)?.rests
  }
  expect([rests(2), rests(1)]).toEqual([true, false])
})

test('what is no frame is somebody else’s business', () => {
  expect(frames.take(new Uint8Array([4]), new Uint8Array([9]), 'lane', true)).toBeNull()
})
