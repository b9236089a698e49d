import { expect } from 'vitest'
import { feature } from './feature.ts'
import type { Heard, Joined } from './person.ts'
import { mint, teacher } from './token.ts'
import { NEWEST, OLDEST, type Version } from './version.ts'

const noBinary = (v: Version) => v.vsn === 1
const noHttpSend = (v: Version) => v.minor < 90
const noReplay = (v: Version) => v.minor < 90

/** Bytes as a listener gets them. */
const bytes = (heard: Heard) => [...new Uint8Array(heard.payload)]

/** The last of a sender's messages: what he sent before has come when this has. */
async function heardUntil(joined: Joined, last: string): Promise<string[]> {
  await joined.heard.first(last, (b) => b.event === last)
  return joined.heard.all.map((b) => b.event)
}

feature('to everybody else', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic), await t.dial().join(t.topic)]
  await ann.send('note', { midi: 60, word: '🎵' })
  expect(await ben.heard.first('the note')).toMatchObject({
    event: 'note',
    payload: { midi: 60, word: '🎵' },
  })
  await ben.send('end')
  expect(await heardUntil(ann, 'end')).toEqual(['end'])
})

feature('self', async (t) => {
  const ann = await t.dial().join(t.topic, { config: { broadcast: { self: true } } })
  await ann.send('note', { midi: 60 })
  expect(await ann.heard.first('its own note')).toMatchObject({ event: 'note', payload: { midi: 60 } })
})

feature('ack', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { ack: true } } })
  expect(await joined.send('note')).toBe('ok')
  await ann.line.frames.atLeast(2, 'a reply to the join and one to the note', (f) => f.event === 'phx_reply')
})

feature('no reply without ack', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { self: true } } })
  expect(await joined.send('note')).toBe('ok')
  await joined.heard.first('its own note')
  expect(ann.line.frames.all.filter((f) => f.event === 'phx_reply')).toHaveLength(1)
})

for (const other of [OLDEST, NEWEST]) {
  feature(`JSON to and from a client of vsn ${other.vsn}`, async (t) => {
    const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(other).join(t.topic)]
    const payload = { text: 'ä 🎵 "', list: [1, 2.5, null, true], deep: { a: { b: [] } } }
    await ann.send('there', payload)
    expect(await ben.heard.first('what Ann sent')).toMatchObject({
      type: 'broadcast',
      event: 'there',
      payload,
    })
    await ben.send('back', payload)
    expect(await ann.heard.first('what Ben sent')).toMatchObject({
      type: 'broadcast',
      event: 'back',
      payload,
    })
  })
}

feature(
  'binary',
  async (t) => {
    const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(NEWEST).join(t.topic)]
    await ann.send('bytes', new Uint8Array([0, 1, 2, 255]).buffer)
    expect(bytes(await ben.heard.first('the bytes'))).toEqual([0, 1, 2, 255])
    await ben.send('back', new Uint8Array([7]).buffer)
    expect(bytes(await ann.heard.first('the bytes back'))).toEqual([7])
  },
  noBinary,
)

feature(
  'binary passes by those who cannot read it',
  async (t) => {
    const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(NEWEST).join(t.topic)]
    await ben.send('bytes', new Uint8Array([1]).buffer)
    await ben.send('end')
    expect(await heardUntil(ann, 'end')).toEqual(['end'])
  },
  (v) => v.vsn === 2,
)

feature('order of one sender', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(NEWEST).join(t.topic)]
  const sent = Array.from({ length: 200 }, (_, i) => i)
  for (const i of sent) void ann.send('step', { i })
  const heard = await ben.heard.atLeast(sent.length, 'a step')
  expect(heard.map((b) => b.payload.i)).toEqual(sent)
})

feature('send before joining goes over HTTP', async (t) => {
  const ben = await t.dial().join(t.topic)
  const channel = t.dial().client.channel(t.topic)
  expect(await channel.send({ type: 'broadcast', event: 'note', payload: { midi: 60 } })).toBe('ok')
  expect(await ben.heard.first('the note')).toMatchObject({ event: 'note', payload: { midi: 60 } })
})

feature(
  'httpSend of JSON',
  async (t) => {
    const members = [await t.dial().join(t.topic), await t.dialWith(OLDEST).join(t.topic)]
    const channel = t.dial().client.channel(t.topic)
    expect(await channel.httpSend('noté', { midi: 60 })).toEqual({ success: true })
    for (const member of members) {
      expect(await member.heard.first('the note')).toMatchObject({ event: 'noté', payload: { midi: 60 } })
    }
  },
  noHttpSend,
)

feature(
  'httpSend of bytes',
  async (t) => {
    const ben = await t.dial().join(t.topic)
    const channel = t.dial().client.channel(t.topic)
    expect(await channel.httpSend('bytes', new Uint8Array([0, 1, 255]))).toEqual({ success: true })
    expect(bytes(await ben.heard.first('the bytes'))).toEqual([0, 1, 255])
  },
  (v) => v.minor < 110, // 2.98 makes JSON of everything
)

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
    const heard = await ann.heard.atLeast(3, 'a replayed note')
    expect(heard.map((b) => b.payload)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
    expect(
      heard.every((b) => b.meta?.replayed && b.meta.id),
      'marked as replayed',
    ).toBe(true)
    const ben = await t.dial({ token: teacher() }).join(t.topic, { config: replay(2) })
    expect((await ben.heard.atLeast(2, 'a replayed note')).map((b) => b.payload)).toEqual([
      { i: 1 },
      { i: 2 },
    ])
  },
  noReplay,
)

/** Sends notes that are kept for who comes later. */
async function store(channel: Joined['channel'], count: number): Promise<void> {
  for (let i = 0; i < count; i++) await channel.httpSend('note', { i }, { persist: true })
}

feature(
  'persist, acknowledged',
  async (t) => {
    const config = { private: true, broadcast: { ack: true } }
    const token = teacher()
    const ann = t.dial({ token })
    const joined = await ann.join(t.topic, { config })
    const kept = { type: 'broadcast', event: 'note', payload: { midi: 60 }, persist: { ttl: 60 } } as const
    expect(await joined.channel.send(kept)).toBe('ok')
    const replies = await ann.line.frames.atLeast(
      2,
      'a reply',
      (f) => f.from === 'box' && f.event === 'phx_reply',
    )
    const id = replies.at(-1)?.payload.response.id
    expect(id).toEqual(expect.any(String))
    const replay = { private: true, broadcast: { replay: { since: 0 } } }
    const ben = await t.dial({ token }).join(t.topic, { config: replay })
    expect(await ben.heard.first('the note')).toMatchObject({
      payload: { midi: 60 },
      meta: { replayed: true, id },
    })
  },
  (v) => v.minor < 110,
)

feature('a private channel is another channel', async (t) => {
  const token = mint({ role: 'service_role' })
  const open = await t.dial({ token }).join(t.topic)
  const closed = await t.dial({ token }).join(t.topic, { config: { private: true } })
  const other = await t.dial({ token }).join(t.topic, { config: { private: true } })
  await open.send('open')
  await other.send('closed')
  await other.send('end')
  expect(await heardUntil(closed, 'end')).toEqual(['closed', 'end'])
})
