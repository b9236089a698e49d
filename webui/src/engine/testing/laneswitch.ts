import { expect, vi } from 'vitest'
import { LaneSwitch } from '../lane/switch.ts'
import type { Transport } from '../net/types.ts'
import { encodeText } from '../wire/frames.ts'
import { decodeMessage } from '../wire/message.ts'
import { decodeNotesUp } from '../wire/notes.ts'
import { decodePush, encodePingPush } from '../wire/push.ts'
import { FakePeers } from './fakepeer.ts'

export const TOPIC = 'realtime:music_room:MUSIC-2024'
const ADDRESS = { socket: 'ws://box/', offer: 'http://box/', token: 'tok' }

/** A switch, and a socket that shows it everything, as the page's socket does. */
export function setUpSwitch() {
  const peers = new FakePeers()
  const heard: string[] = []
  const socket: (string | Uint8Array)[] = []
  const moves: string[] = []
  /** Takes a message as the page's socket does. Returns the numbers of its new notes. */
  const receive = (data: string | Uint8Array, by: Transport) => {
    const message = decodeMessage(data)
    if (message?.kind === 'clock') laneSwitch.replyReceived(message.reply, performance.now(), by)
    if (message?.kind !== 'notes') return []
    const { events } = laneSwitch.frameReceived(message.topic, message.frame, by)
    return message.frame.events.filter((_, i) => events[i]).map((e) => e.seq)
  }
  const laneSwitch = new LaneSwitch(
    ADDRESS,
    {
      laneMessage: (data) => heard.push(`${receive(data, 'webrtc')}`),
      sendBySocket: (data) => socket.push(data),
      transportChanged: (to) => moves.push(to),
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
  const head = { joinRef: '1', ref: '', topic: TOPIC }
  const note = (velocity: number, ref = '') =>
    laneSwitch.sendNotes({ ...head, ref, notes: [{ seq: ++seq, at: 0, note: 60, velocity }] })
  /** Lists what is held, as the page does. */
  const list = () => laneSwitch.sendNotes({ ...head, notes: [], held: new Set([60]) })
  const ping = () => laneSwitch.sendPing(head, encodePingPush(head, 1, performance.now()))
  return { laneSwitch, peers, heard, socket, moves, text, reply, note, list, ping, receive }
}

/** A room is joined, and the lane is up. */
export function setUpSwitchThatIsUp() {
  const t = setUpSwitch()
  t.laneSwitch.textSent(t.text('phx_join'))
  t.laneSwitch.textReceived(t.reply)
  t.peers.last.opens()
  expect(t.moves).toEqual(['webrtc'])
  return t
}

/** The numbers of the notes in each push. */
export function seqs(pushes: readonly (string | Uint8Array)[]): number[][] {
  return pushes.flatMap((data) => {
    const push = typeof data === 'string' ? null : decodePush(data)
    return push?.event === 'n' ? [(decodeNotesUp(push.payload) ?? []).map((n) => n.seq)] : []
  })
}

/** Time passes until the switch finds that UDP is blocked. */
export function block({ peers }: { peers: FakePeers }) {
  peers.last.answers = false
  vi.advanceTimersByTime(3_000)
}
