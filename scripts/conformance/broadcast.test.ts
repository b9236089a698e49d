import { expect } from 'vitest'
import { feature } from './feature.ts'
import type { JoinedChannel, ReceivedBroadcast } from './program.ts'
import { mint } from './token.ts'
import { NEWEST, OLDEST, type Version } from './version.ts'

const noBinary = (v: Version) => v.vsn === 1
const noHttpSend = (v: Version) => v.minor < 90

/** Returns bytes as a listener gets them. */
const bytes = ({ payload }: ReceivedBroadcast) => [...new Uint8Array(payload as unknown as ArrayBuffer)]

/** The last message of a sender: once it has arrived, the earlier ones have too. */
async function heardUntil(joined: JoinedChannel, last: string): Promise<string[]> {
  await joined.broadcasts.first(last, (b) => b.event === last)
  return joined.broadcasts.all.map((b) => b.event)
}

feature('to all other clients', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic), await t.dial().join(t.topic)]
  await ann.send('note', { midi: 60, word: '🎵' })
  expect(await ben.broadcasts.first('the note')).toMatchObject({
    event: 'note',
    payload: { midi: 60, word: '🎵' },
  })
  await ben.send('end')
  expect(await heardUntil(ann, 'end')).toEqual(['end'])
})

feature('self', async (t) => {
  const ann = await t.dial().join(t.topic, { config: { broadcast: { self: true } } })
  await ann.send('note', { midi: 60 })
  expect(await ann.broadcasts.first('its own note')).toMatchObject({ event: 'note', payload: { midi: 60 } })
})

feature('ack', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { ack: true } } })
  expect(await joined.send('note')).toBe('ok')
  await ann.recorder.frames.atLeast(
    2,
    'a reply to the join and one to the note',
    (f) => f.event === 'phx_reply',
  )
})

feature('a message that is too long is answered, and the socket stays', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { ack: true } } })
  const ben = await t.dialWith(NEWEST).join(t.topic)
  expect(await joined.send('long', { text: 'x'.repeat(70_000) })).toBe('error')
  expect(await joined.send('longer', { text: 'x'.repeat(4_000_000) })).toBe('error')
  const answers = ann.recorder.frames.all.filter((f) => f.event === 'phx_reply').slice(1) // without the join's
  for (const { payload } of answers.slice(0, 2)) {
    expect(payload.response).toMatchObject({ error: 'payload_size_exceeded' })
  }
  expect(await joined.send('end')).toBe('ok')
  expect(await heardUntil(ben, 'end')).toEqual(['end'])
  expect(ann.recorder.sockets).toHaveLength(1)
})

feature('no reply without ack', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { self: true } } })
  expect(await joined.send('note')).toBe('ok')
  await joined.broadcasts.first('its own note')
  expect(ann.recorder.frames.all.filter((f) => f.event === 'phx_reply')).toHaveLength(1)
})

for (const other of [OLDEST, NEWEST]) {
  feature(`JSON to and from a client of vsn ${other.vsn}`, async (t) => {
    const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(other).join(t.topic)]
    const payload = { text: 'ä 🎵 "', list: [1, 2.5, null, true], deep: { a: { b: [] } } }
    await ann.send('there', payload)
    expect(await ben.broadcasts.first('what Ann sent')).toMatchObject({
      type: 'broadcast',
      event: 'there',
      payload,
    })
    await ben.send('back', payload)
    expect(await ann.broadcasts.first('what Ben sent')).toMatchObject({
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
    expect(bytes(await ben.broadcasts.first('the bytes'))).toEqual([0, 1, 2, 255])
    await ben.send('back', new Uint8Array([7]).buffer)
    expect(bytes(await ann.broadcasts.first('the bytes back'))).toEqual([7])
  },
  noBinary,
)

feature(
  'clients that cannot read binary get none',
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
  const heard = await ben.broadcasts.atLeast(sent.length, 'a step')
  expect(heard.map((b) => b.payload.i)).toEqual(sent)
})

feature('send before joining goes over HTTP', async (t) => {
  const ben = await t.dial().join(t.topic)
  const channel = t.dial().client.channel(t.topic)
  expect(await channel.send({ type: 'broadcast', event: 'note', payload: { midi: 60 } })).toBe('ok')
  expect(await ben.broadcasts.first('the note')).toMatchObject({ event: 'note', payload: { midi: 60 } })
})

feature(
  'httpSend of JSON',
  async (t) => {
    const members = [await t.dial().join(t.topic), await t.dialWith(OLDEST).join(t.topic)]
    const channel = t.dial().client.channel(t.topic)
    expect(await channel.httpSend('noté', { midi: 60 })).toEqual({ success: true })
    for (const member of members) {
      expect(await member.broadcasts.first('the note')).toMatchObject({
        event: 'noté',
        payload: { midi: 60 },
      })
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
    expect(bytes(await ben.broadcasts.first('the bytes'))).toEqual([0, 1, 255])
  },
  (v) => v.minor < 110, // 2.98 turns everything into JSON
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
