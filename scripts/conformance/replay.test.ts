import { expect } from 'vitest'
import { feature } from './feature.ts'
import { insert, writer } from './plans.ts'
import type { JoinedChannel, ReceivedBroadcast } from './program.ts'
import { teacher } from './token.ts'
import { NEWEST, type Version } from './version.ts'

const acked = { private: true, broadcast: { ack: true } }

const noReplay = (v: Version) => v.minor < 90

feature(
  'replay of what was stored',
  async (t) => {
    const since = Date.now() - 60_000
    await store(
      t.dialWith(NEWEST, { token: teacher() }).client.channel(t.topic, { config: { private: true } }),
      3,
    )
    const replay = (limit?: number) => ({
      private: true,
      broadcast: { replay: { since, ...(limit && { limit }) } },
    })
    const ann = await t.dial({ token: teacher() }).join(t.topic, { config: replay() })
    const heard = await ann.broadcasts.atLeast(3, 'a replayed note')
    expect(heard.map((b) => b.payload)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
    expect(
      heard.every((b) => b.meta?.replayed && b.meta.id),
      'marked as replayed',
    ).toBe(true)
    const ben = await t.dial({ token: teacher() }).join(t.topic, { config: replay(2) })
    expect((await ben.broadcasts.atLeast(2, 'a replayed note')).map((b) => b.payload)).toEqual([
      { i: 1 },
      { i: 2 },
    ])
  },
  noReplay,
)

/** Sends notes that the box keeps for clients that join later. */
async function store(channel: JoinedChannel['channel'], count: number): Promise<void> {
  for (let i = 0; i < count; i++) await channel.httpSend('note', { i }, { persist: true })
}

feature(
  'what was not to be kept is not replayed',
  async (t) => {
    const token = teacher()
    const joined = await t.dialWith(NEWEST, { token }).join(t.topic, { config: acked })
    await joined.send('passing')
    await joined.channel.httpSend('passing', {})
    await joined.channel.httpSend('kept', {}, { persist: true })
    const replay = { private: true, broadcast: { replay: { since: 0 } } }
    const ben = await t.dial({ token }).join(t.topic, { config: replay })
    await ben.broadcasts.first('the kept note')
    expect(ben.broadcasts.all.map((b) => b.event)).toEqual(['kept'])
  },
  noReplay,
)

feature(
  'changes of a table are replayed on its private channel',
  async (t) => {
    const { id } = await insert(writer(t), { title: t.topic })
    const replay = { private: true, broadcast: { replay: { since: 0 } } }
    const ann = await t.dial({ token: teacher() }).join('table:lesson_plans', { config: replay })
    const isOurs = (b: ReceivedBroadcast) => (b.payload.record as { id?: string } | null)?.id === id
    expect(await ann.broadcasts.first('the insert', isOurs)).toMatchObject({ event: 'INSERT' })
  },
  noReplay,
)

feature(
  'persist, acknowledged',
  async (t) => {
    const token = teacher()
    const ann = t.dial({ token })
    const joined = await ann.join(t.topic, { config: acked })
    const kept = { type: 'broadcast', event: 'note', payload: { midi: 60 }, persist: { ttl: 60 } } as const
    expect(await joined.channel.send(kept)).toBe('ok')
    const replies = await ann.recorder.frames.atLeast(
      2,
      'a reply',
      (f) => f.from === 'box' && f.event === 'phx_reply',
    )
    const response = replies.at(-1)?.payload.response as { id: string } | undefined
    expect(response?.id).toEqual(expect.any(String))
    const replay = { private: true, broadcast: { replay: { since: 0 } } }
    const ben = await t.dial({ token }).join(t.topic, { config: replay })
    expect(await ben.broadcasts.first('the note')).toMatchObject({
      payload: { midi: 60 },
      meta: { replayed: true, id: response?.id },
    })
  },
  (v) => v.minor < 110,
)
