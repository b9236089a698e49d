import { RoomClient } from '../room/client.ts'
import type { Phase } from '../room/types.ts'
import { FakeBox, settled } from './fakebox.ts'
import { roomState } from './room.ts'

export const TOPIC = 'realtime:music_room:MUSIC-2024'

export function setUpRoom() {
  const box = new FakeBox()
  const leaves = new Set<() => void>()
  let why: string | null = null
  const room = new RoomClient({
    url: 'http://192.168.1.20:8080',
    token: 'tok',
    topic: 'music_room:MUSIC-2024',
    openSocket: box.openSocket,
    fetchRefusal: async () => why,
    watchWakes: () => () => {},
    watchLeaving: (leave) => {
      leaves.add(leave)
      return () => leaves.delete(leave)
    },
    random: () => 0.5,
  })
  const phases: Phase[] = []
  room.connection.subscribe((c) => {
    if (phases.at(-1) !== c.phase) phases.push(c.phase)
  })
  const tell = (event: string, payload: unknown) =>
    box.socket.say({ topic: TOPIC, event: 'broadcast', payload: { type: 'broadcast', event, payload } })
  const refuse = (reason: string) => {
    why = reason
  }
  /** The page is hidden, frozen or left. */
  const pause = () => {
    for (const leave of leaves) leave()
  }
  return { box, room, phases, tell, refuse, pause }
}

export async function setUpJoinedRoom() {
  const t = setUpRoom()
  t.room.connect()
  t.box.socket.accept()
  t.box.socket.answer('phx_join', 'ok', { postgres_changes: [] })
  await settled()
  t.tell('room_state', roomState())
  return t
}
