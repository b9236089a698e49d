import { expect } from 'vitest'
import { Channel } from '../link/channel.ts'
import { Link } from '../link/link.ts'
import { PushError } from '../link/push.ts'
import { FakeBox, settled } from './fakebox.ts'

export const TOPIC = 'realtime:music_room:MUSIC-2024'

export function setUpChannel() {
  const box = new FakeBox()
  const random = () => 0.5
  const link = new Link({ url: 'ws://box', openSocket: box.openSocket, random, watchWakes: () => () => {} })
  const log: string[] = []
  const answers = { refused: true, closed: false }
  const channel = new Channel(
    link,
    TOPIC,
    { config: { private: true } },
    {
      joined: () => log.push('joined'),
      lost: () => log.push('lost'),
      refused: (reason) => {
        log.push(`refused ${reason}`)
        return answers.refused
      },
      closed: (reason) => {
        log.push(`closed ${reason}`)
        return answers.closed
      },
      json: (event, payload) => log.push(`${event} ${JSON.stringify(payload)}`),
      notes: ({ events }) => log.push(`notes ${events.length}`),
      clock: ({ id }) => log.push(`clock ${id}`),
    },
    random,
  )
  return { box, link, channel, log, answers }
}

export async function setUpJoinedChannel() {
  const t = setUpChannel()
  t.link.open()
  t.channel.join()
  t.box.socket.accept()
  t.box.socket.answer('phx_join', 'ok', { postgres_changes: [] })
  await settled()
  expect(t.channel.joined).toBe(true)
  return t
}

/** How a push ended. */
export function outcome(push: Promise<void>): { text: string } {
  const o = { text: 'open' }
  push.then(
    () => {
      o.text = 'ok'
    },
    (e: unknown) => {
      o.text = e instanceof PushError ? e.reason : String(e)
    },
  )
  return o
}
