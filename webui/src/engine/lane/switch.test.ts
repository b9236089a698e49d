import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clockReply } from '../testing/fakepeer.ts'
import { block, seqs, setUpSwitch, setUpSwitchThatIsUp, TOPIC } from '../testing/laneswitch.ts'
import { frameMessage } from '../testing/notes.ts'
import { decodeText } from '../wire/frames.ts'
import { encodeClockPing } from '../wire/ping.ts'
import { decodePush } from '../wire/push.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('coming up', () => {
  test('joining a room starts it; the join does not wait for it', () => {
    const { laneSwitch, peers, moves, text, reply } = setUpSwitch()
    laneSwitch.textSent('["1","1","realtime:choir","phx_join",{}]')
    expect(peers.all.length).toBe(0)
    laneSwitch.textSent(text('phx_join'))
    expect(peers.all.length).toBe(1)
    laneSwitch.textReceived(reply)
    expect(moves).toEqual([])
  })

  test('it may open before the room is joined, and is pinged then', () => {
    const { laneSwitch, peers, moves, text, reply } = setUpSwitch()
    laneSwitch.textSent(text('phx_join'))
    peers.last.opens()
    expect([moves, laneSwitch.stats.state]).toEqual([[], 'open'])
    laneSwitch.textReceived(reply)
    expect([moves, laneSwitch.stats.state]).toEqual([['webrtc'], 'up'])
  })

  test('until it is up notes and pings take the WebSocket', () => {
    const { laneSwitch, peers, text, note, ping } = setUpSwitch()
    laneSwitch.textSent(text('phx_join'))
    expect([note(100), ping(), laneSwitch.backlog]).toEqual([false, false, undefined])
    expect(peers.last.sent).toEqual([])
  })
})

describe('while it is up', () => {
  test('notes and pings take it', () => {
    const { laneSwitch, peers, note, ping, socket } = setUpSwitchThatIsUp()
    expect([note(100), ping(), laneSwitch.backlog]).toEqual([true, true, 0])
    expect(seqs(peers.last.sent)).toEqual([[1]])
    expect(socket).toEqual([])
  })

  test('a note is repeated with the next ones, and by itself', () => {
    const { peers, note } = setUpSwitchThatIsUp()
    note(100)
    note(0)
    vi.advanceTimersByTime(100)
    expect(seqs(peers.last.sent)).toEqual([[1], [1, 2], [1, 2], [1, 2], [1, 2]])
  })

  test('held notes are listed by WebSocket until a packet of the lane lists them', () => {
    const { laneSwitch, note, list, text, reply, peers } = setUpSwitch()
    laneSwitch.textSent(text('phx_join'))
    laneSwitch.textReceived(reply)
    note(100)
    expect(list()).toBe(false)
    peers.last.opens()
    expect(list()).toBe(false) // the lane came up since the note
    note(100)
    expect(list()).toBe(true)
    note(0)
    vi.advanceTimersByTime(3_000)
    expect(list()).toBe(false)
  })

  test('a push that asks for a reply keeps its ref, once', () => {
    const { peers, note } = setUpSwitchThatIsUp()
    note(100, '17')
    vi.advanceTimersByTime(50)
    const refs = peers.last.sent.map(decodePush).filter((p) => p?.event === 'n')
    expect(refs.map((p) => p?.ref)).toEqual(['17', '', ''])
  })

  test('a page about to stand still repeats its last notes by WebSocket', () => {
    const { laneSwitch, socket, note } = setUpSwitchThatIsUp()
    note(100)
    note(0)
    laneSwitch.repeatNotes()
    expect(seqs(socket)).toEqual([[1, 2]])
    vi.advanceTimersByTime(3_100)
    laneSwitch.repeatNotes()
    expect(seqs(socket)).toEqual([[1, 2]]) // they have arrived long ago
  })

  test('after leaving, nothing is repeated', () => {
    const { laneSwitch, peers, note, text } = setUpSwitchThatIsUp()
    note(100)
    laneSwitch.textSent(text('phx_leave'))
    vi.advanceTimersByTime(1_000)
    expect(seqs(peers.last.sent)).toEqual([[1]])
  })

  test('leaving the last room stops it, until a room is joined again', () => {
    const { laneSwitch, peers, moves, socket, text, reply } = setUpSwitchThatIsUp()
    laneSwitch.textSent(text('phx_leave'))
    expect([moves, peers.alive, laneSwitch.stats.state]).toEqual([['webrtc', 'websocket'], 0, 'waiting'])
    expect(socket.length).toBe(1) // the box is informed
    laneSwitch.textSent(text('phx_join'))
    laneSwitch.textReceived(reply)
    peers.last.opens()
    expect(moves).toEqual(['webrtc', 'websocket', 'webrtc'])
  })

  test('a note that comes twice over it is new once', () => {
    const { peers, heard } = setUpSwitchThatIsUp()
    heard.length = 0
    const frame = frameMessage(TOPIC, {
      events: [[3, 1, 1000, 60, 100]],
      mark: { every: 5, number: 1 },
    })
    peers.last.say(frame)
    peers.last.say(frame)
    expect(heard).toEqual(['1', ''])
  })

  test('round trips and losses are measured', () => {
    const { laneSwitch, peers } = setUpSwitchThatIsUp()
    for (const number of [1, 2, 4]) peers.last.say(frameMessage(TOPIC, { mark: { every: 5, number } }))
    expect(laneSwitch.stats).toMatchObject({
      state: 'up',
      ups: 1,
      loss: 1 / 4,
      why: '',
      rttMs: 0,
      queueMs: 0,
      standingMs: 0,
    })
  })

  test('after a sleep notes and pings take the WebSocket too, until it answers', () => {
    const { laneSwitch, peers, note, ping } = setUpSwitchThatIsUp()
    peers.last.answers = false
    laneSwitch.suspectLane()
    const before = peers.last.sent.length
    expect([note(100), ping()]).toEqual([false, false])
    expect(peers.last.sent.length).toBe(before + 2)
    peers.last.answers = true
    vi.advanceTimersByTime(50) // the rest of the burst
    expect([note(100), ping()]).toEqual([true, true])
  })

  test('while it is suspicious, the WebSocket carries notes too', () => {
    const { peers, note } = setUpSwitchThatIsUp()
    peers.last.answers = false
    peers.last.disconnect()
    expect(note(100)).toBe(false)
    expect(seqs(peers.last.sent)).toEqual([[1]])
  })
})

describe('when UDP is blocked', () => {
  test('the WebSocket takes over within three seconds, and the box is informed', () => {
    const t = setUpSwitchThatIsUp()
    block(t)
    expect(t.moves).toEqual(['webrtc', 'websocket'])
    const first = t.socket[0]
    expect(typeof first === 'string' && decodeText(first)).toMatchObject({
      topic: 'phoenix',
      event: 'lane_down',
      payload: { lane: 1 },
    })
    expect(t.note(100)).toBe(false)
  })

  test('the notes of the last three seconds are sent again, with their numbers', () => {
    const t = setUpSwitchThatIsUp()
    t.note(100)
    vi.advanceTimersByTime(4_000)
    t.note(0)
    t.note(90)
    t.peers.last.fail('failed')
    expect(seqs(t.socket)).toEqual([[2, 3]])
    vi.advanceTimersByTime(400)
    expect(seqs(t.peers.all[0]?.sent ?? []).length).toBeGreaterThan(1)
    expect(seqs(t.socket).length).toBe(1)
  })

  test('a note that the box repeats is known', () => {
    const t = setUpSwitchThatIsUp()
    t.heard.length = 0
    const known = [3, 1, 1000, 60, 100] as const
    t.peers.last.say(frameMessage(TOPIC, { events: [known], mark: { every: 5, number: 1 } }))
    block(t)
    expect(t.receive(frameMessage(TOPIC, { events: [known] }), 'websocket')).toEqual([])
    const more = frameMessage(TOPIC, { events: [known, [3, 2, 1100, 60, 0]] })
    expect(t.receive(more, 'websocket')).toEqual([2])
  })

  test('and it comes up again when UDP works again', () => {
    const t = setUpSwitchThatIsUp()
    block(t)
    vi.advanceTimersByTime(500)
    expect(t.peers.alive).toBe(1)
    t.peers.last.opens()
    expect(t.moves).toEqual(['webrtc', 'websocket', 'webrtc'])
    expect([t.note(100), t.laneSwitch.stats.ups]).toEqual([true, 2])
  })
})

test('if the lane does not come up, notes take the WebSocket', () => {
  const { laneSwitch, peers, text, reply, note, moves } = setUpSwitch()
  laneSwitch.textSent(text('phx_join'))
  laneSwitch.textReceived(reply)
  peers.last.fail('timeout')
  expect([note(100), moves, laneSwitch.stats.why]).toEqual([false, [], 'timeout'])
})

test('a reply on another clock is no round trip', () => {
  const { laneSwitch, peers } = setUpSwitchThatIsUp()
  peers.last.say(clockReply(TOPIC, encodeClockPing(1, 1e12)))
  expect(laneSwitch.stats.rttMs).toBe(0)
})

test('nothing is left after the end', () => {
  const { laneSwitch, peers, note, moves } = setUpSwitchThatIsUp()
  note(100)
  laneSwitch.close()
  expect([peers.alive, vi.getTimerCount(), moves]).toEqual([0, 0, ['webrtc']])
})
