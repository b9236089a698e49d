import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { clockReply, FakePeers } from '../testing/fakepeer.ts'
import { frameMessage } from '../testing/notes.ts'
import { decodeBroadcast, decodeText, encodePush, encodeText } from '../wire/frames.ts'
import { decodeRoomFrame, encodeClockPing, encodeNotesUp } from '../wire/notes.ts'
import { decodeNotesUp, decodePush } from '../wire/push.ts'
import { Ways } from './switch.ts'

const TOPIC = 'realtime:music_room:MUSIC-2024'
const ADDRESS = { socket: 'ws://box/', offer: 'http://box/', token: 'tok' }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function setUp() {
  const peers = new FakePeers()
  const heard: (string | Uint8Array)[] = []
  const socket: (string | Uint8Array)[] = []
  const moves: string[] = []
  const ways = new Ways(
    ADDRESS,
    {
      message: (data) => heard.push(data),
      socket: (data) => socket.push(data),
      moved: (to) => moves.push(to),
    },
    { openPeer: peers.open, watchNetwork: () => () => {}, random: () => 0.5 },
  )
  const text = (event: string) => encodeText({ joinRef: '1', ref: '1', topic: TOPIC, event, payload: {} })
  const reply = encodeText({
    joinRef: '1',
    ref: '1',
    topic: TOPIC,
    event: 'phx_reply',
    payload: { status: 'ok' },
  })
  let seq = 0
  const push = (event: string, payload: Uint8Array, ref = '') =>
    encodePush({ joinRef: '1', ref, topic: TOPIC, event, payload })
  const note = (velocity: number, ref = '') =>
    ways.sends(push('n', encodeNotesUp([{ seq: ++seq, at: 0, note: 60, velocity }]), ref))
  const ping = () => ways.sends(push('c', encodeClockPing(1, performance.now())))
  return { ways, peers, heard, socket, moves, text, reply, note, ping }
}

/** A room is joined, and the lane is up. */
function setUpUp() {
  const t = setUp()
  t.ways.sends(t.text('phx_join'))
  t.ways.hears(t.reply, 0)
  t.peers.last.opens()
  expect(t.moves).toEqual(['webrtc'])
  return t
}

/** The numbers of the notes of pushes, in each their own. */
function seqs(pushes: readonly (string | Uint8Array)[]): number[][] {
  return pushes.flatMap((data) => {
    const push = typeof data === 'string' ? null : decodePush(data)
    return push?.event === 'n' ? [(decodeNotesUp(push.payload) ?? []).map((n) => n.seq)] : []
  })
}

/** What a room does until UDP is found to be blocked. */
function block({ peers }: { peers: FakePeers }) {
  peers.last.answers = false
  vi.advanceTimersByTime(3_000)
}

describe('coming up', () => {
  test('a room that is joined begins it; nothing waits for it', () => {
    const { ways, peers, text, reply } = setUp()
    expect(ways.sends('["1","1","realtime:choir","phx_join",{}]')).toBe(false)
    expect(peers.all.length).toBe(0)
    expect(ways.sends(text('phx_join'))).toBe(false)
    expect(peers.all.length).toBe(1)
    expect(ways.hears(reply, 0)).toBe(reply)
  })

  test('it may open before the room is joined, and is asked then', () => {
    const { ways, peers, moves, text, reply } = setUp()
    ways.sends(text('phx_join'))
    peers.last.opens()
    expect([moves, ways.stats.state]).toEqual([[], 'open'])
    ways.hears(reply, 0)
    expect([moves, ways.stats.state]).toEqual([['webrtc'], 'up'])
  })

  test('until it is up notes and pings take the WebSocket', () => {
    const { ways, peers, text, note, ping } = setUp()
    ways.sends(text('phx_join'))
    expect([note(100), ping(), ways.backlog]).toEqual([false, false, undefined])
    expect(peers.last.sent).toEqual([])
  })
})

describe('while it is up', () => {
  test('notes and pings take it, everything else does not', () => {
    const { ways, peers, note, ping, text, socket } = setUpUp()
    expect([note(100), ping(), ways.backlog]).toEqual([true, true, 0])
    expect(ways.sends(text('broadcast'))).toBe(false)
    expect(
      ways.sends(encodePush({ joinRef: '1', ref: '', topic: TOPIC, event: 'x', payload: { json: 1 } })),
    ).toBe(false)
    expect(seqs(peers.last.sent)).toEqual([[1]])
    expect(socket).toEqual([])
  })

  test('a note rides along with the next ones, and is sent again by itself', () => {
    const { peers, note } = setUpUp()
    note(100)
    note(0)
    vi.advanceTimersByTime(100)
    expect(seqs(peers.last.sent)).toEqual([[1], [1, 2], [1, 2], [1, 2], [1, 2]])
  })

  test('a push that wants an answer keeps its ref, once', () => {
    const { peers, note } = setUpUp()
    note(100, '17')
    vi.advanceTimersByTime(50)
    const refs = peers.last.sent.map(decodePush).filter((p) => p?.event === 'n')
    expect(refs.map((p) => p?.ref)).toEqual(['17', '', ''])
  })

  test('who has left repeats nothing more', () => {
    const { ways, peers, note, text } = setUpUp()
    note(100)
    ways.sends(text('phx_leave'))
    vi.advanceTimersByTime(1_000)
    expect(seqs(peers.last.sent)).toEqual([[1]])
  })

  test('who has left the last room gives it up, until there is one again', () => {
    const { ways, peers, moves, socket, text, reply } = setUpUp()
    ways.sends(text('phx_leave'))
    expect([moves, peers.alive, ways.stats.state]).toEqual([['webrtc', 'websocket'], 0, 'waiting'])
    expect(socket.length).toBe(1) // the box is told
    ways.sends(text('phx_join'))
    ways.hears(reply, 0)
    peers.last.opens()
    expect(moves).toEqual(['webrtc', 'websocket', 'webrtc'])
  })

  test('what comes over it is heard, once', () => {
    const { peers, heard } = setUpUp()
    heard.length = 0
    const frame = frameMessage(TOPIC, {
      events: [[3, 1, 1000, 60, 100]],
      mark: { every: 5, number: 1 },
    })
    peers.last.say(frame)
    peers.last.say(frame)
    peers.last.say('["1","2","x","y",{}]')
    expect(heard.length).toBe(2)
  })

  test('the way is measured', () => {
    const { ways, peers } = setUpUp()
    for (const number of [1, 2, 4]) peers.last.say(frameMessage(TOPIC, { mark: { every: 5, number } }))
    expect(ways.stats).toMatchObject({
      state: 'up',
      ups: 1,
      loss: 1 / 4,
      why: '',
      rttMs: 0,
      queueMs: 0,
      standingMs: 0,
    })
  })

  test('a doubtful one does not carry a note alone', () => {
    const { peers, note } = setUpUp()
    peers.last.answers = false
    peers.last.shake()
    expect(note(100)).toBe(false)
    expect(seqs(peers.last.sent)).toEqual([[1]])
  })
})

describe('when UDP is blocked', () => {
  test('the WebSocket takes over within three seconds, and the box is told', () => {
    const t = setUpUp()
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
    const t = setUpUp()
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

  test('what the box tells again is known', () => {
    const t = setUpUp()
    t.heard.length = 0
    const known = [3, 1, 1000, 60, 100] as const
    t.peers.last.say(frameMessage(TOPIC, { events: [known], mark: { every: 5, number: 1 } }))
    block(t)
    expect(t.ways.hears(frameMessage(TOPIC, { events: [known] }), 0)).toBeNull()
    const more = t.ways.hears(frameMessage(TOPIC, { events: [known, [3, 2, 1100, 60, 0]] }), 0)
    const left = more instanceof Uint8Array ? decodeBroadcast(more) : null
    const frame = left?.encoding === 'binary' ? decodeRoomFrame(left.bytes) : null
    expect(frame?.events.map((e) => [e.seq, e.at])).toEqual([[2, 1100]])
  })

  test('and it comes up again when it is not', () => {
    const t = setUpUp()
    block(t)
    vi.advanceTimersByTime(500)
    expect(t.peers.alive).toBe(1)
    t.peers.last.opens()
    expect(t.moves).toEqual(['webrtc', 'websocket', 'webrtc'])
    expect([t.note(100), t.ways.stats.ups]).toEqual([true, 2])
  })
})

test('a lane that does not come up is not missed', () => {
  const { ways, peers, text, reply, note, moves } = setUp()
  ways.sends(text('phx_join'))
  ways.hears(reply, 0)
  peers.last.fail('timeout')
  expect([note(100), moves, ways.stats.why]).toEqual([false, [], 'timeout'])
})

test('a pong of another clock is no round trip', () => {
  const { ways, peers } = setUpUp()
  peers.last.say(clockReply(TOPIC, encodeClockPing(1, 1e12)))
  expect(ways.stats.rttMs).toBe(0)
})

test('the end leaves nothing behind', () => {
  const { ways, peers, note, moves } = setUpUp()
  note(100)
  ways.close()
  expect([peers.alive, vi.getTimerCount(), moves]).toEqual([0, 0, ['webrtc']])
})
