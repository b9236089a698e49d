import { expect } from 'vitest'
import { startBox } from './boxes.ts'
import { feature } from './feature.ts'
import { mint } from './token.ts'
import { NEWEST } from './version.ts'

feature('join and leave', async (t) => {
  const joined = await t.dial().join(t.topic)
  expect(await joined.channel.unsubscribe()).toBe('ok')
  await joined.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
})

feature(
  'a topic joined twice on one socket',
  async (t) => {
    const ann = t.dial()
    const first = await ann.join(t.topic)
    const second = await ann.join(t.topic)
    await first.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
    const other = await t.dial().join(t.topic)
    await other.send('note', { midi: 60 })
    await second.broadcasts.first('the note')
    await other.send('end')
    await second.broadcasts.first('the end', (b) => b.event === 'end')
    expect(second.broadcasts.all.map((b) => b.event)).toEqual(['note', 'end'])
  },
  (v) => v.minor >= 57,
) // they return the channel that exists already

feature('leave and join again at once', async (t) => {
  const ann = t.dial()
  const first = await ann.join(t.topic)
  void ann.client.removeChannel(first.channel)
  await first.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
  const second = await ann.join(t.topic)
  const other = await t.dial().join(t.topic)
  await other.send('note')
  await other.send('end')
  await second.broadcasts.first('the end', (b) => b.event === 'end')
  expect(second.broadcasts.all.map((b) => b.event)).toEqual(['note', 'end'])
})

feature('a late leave of an earlier join', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic)
  const join = await ann.recorder.frames.first('the join', (f) => f.event === 'phx_join')
  ann.recorder.forge({ topic: join.topic, event: 'phx_error', ref: join.ref, payload: {} })
  await joined.subscribed(2)
  const late = { topic: join.topic, event: 'phx_leave', payload: {}, ref: '99', join_ref: join.ref ?? '' }
  ann.client.realtime.push(late)
  const reply = await ann.recorder.frames.first('its reply', (f) => f.from === 'box' && f.ref === '99')
  expect(reply).toMatchObject({ event: 'phx_reply', payload: { status: 'ok' } })
  await (await t.dial().join(t.topic)).send('note')
  await joined.broadcasts.first('the note')
})

for (const ref of [null, '', 7, 7.5, 'seven']) {
  feature(`a heartbeat with the ref ${JSON.stringify(ref)}`, async (t) => {
    const ann = t.dial()
    await ann.join(t.topic)
    const beat = { topic: 'phoenix', event: 'heartbeat', payload: {}, ref }
    ann.client.realtime.push(beat as unknown as Parameters<typeof ann.client.realtime.push>[0])
    const reply = await ann.recorder.frames.first(
      'its reply',
      (f) => f.from === 'box' && f.topic === 'phoenix',
    )
    expect(reply).toMatchObject({ event: 'phx_reply', ref, payload: { status: 'ok', response: {} } })
  })
}

for (const word of ['true', 'True', 'TRUE']) {
  feature(`private: "${word}" is private`, async (t) => {
    const token = mint({ role: 'authenticated', sub: crypto.randomUUID() })
    const config = { private: word as unknown as boolean }
    const [ann, ben] = [await t.dial({ token }).join(t.topic, { config }), await t.dial().join(t.topic)]
    const cat = await t.dialWith(NEWEST, { token }).join(t.topic, { config: { private: true } })
    await cat.send('secret')
    await ann.broadcasts.first('the secret')
    await (await t.dial().join(t.topic)).send('end')
    await ben.broadcasts.first('the end')
    expect(ben.broadcasts.all.map((b) => b.event)).toEqual(['end'])
  })
}

for (const value of [1, 'yes', [], {}]) {
  feature(`private: ${JSON.stringify(value)} is refused`, async (t) => {
    const ann = t.dial().open(t.topic, { config: { private: value as unknown as boolean } })
    const refused = await ann.statuses.first('the refusal', (s) => s.status === 'CHANNEL_ERROR')
    expect(refused.reason).toContain('InvalidJoinPayload: config.private must be true or false')
  })
}

feature('colons in a topic', async (t) => {
  const topic = `school:room:${t.topic}:1`
  const [ann, ben] = [await t.dial().join(topic), await t.dial().join(topic)]
  await ann.send('note', { midi: 60 })
  expect((await ben.broadcasts.first('the note')).payload).toEqual({ midi: 60 })
})

for (const letters of ['café', 'ünïcødé', '音楽']) {
  feature(`the topic ${letters}`, async (t) => {
    const topic = `${letters}-${t.topic}`
    const ann = await t.dial().join(topic, { config: { broadcast: { ack: true } } })
    const ben = await t.dialWith(NEWEST).join(topic)
    expect(await ann.send('note', { word: letters })).toBe('ok')
    expect((await ben.broadcasts.first('the note')).payload).toEqual({ word: letters })
    await ben.send('answer')
    await ann.broadcasts.first('the answer')
  })
}

feature('the event noté', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(NEWEST).join(t.topic)]
  await ann.send('noté', { midi: 60 })
  expect(await ben.broadcasts.first('the note')).toMatchObject({ event: 'noté', payload: { midi: 60 } })
})

feature(
  'the event ♥',
  async (t) => {
    const [ann, ben] = [await t.dial().join(t.topic), await t.dialWith(NEWEST).join(t.topic)]
    await ann.send('♥')
    expect(await ben.broadcasts.first('the heart')).toMatchObject({ event: '♥' })
  },
  // They cut characters above U+00FF to one byte, which no server can mend.
  (v) => v.vsn === 2 && v.minor < 110,
)

feature('heartbeats', async (t) => {
  const ann = t.dial({ heartbeatIntervalMs: 1500 })
  await ann.join(t.topic)
  await ann.recorder.frames.atLeast(
    3,
    'an answered heartbeat',
    (f) => f.from === 'box' && f.topic === 'phoenix',
  )
  expect(ann.recorder.sockets).toHaveLength(1)
})

feature('a message to a topic that was not joined', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, { config: { broadcast: { ack: true } } })
  const lost = { topic: 'realtime:nobody', event: 'broadcast', payload: {}, ref: '99' }
  ann.client.realtime.push(lost)
  const reply = await ann.recorder.frames.first(
    'its reply',
    (f) => f.from === 'box' && f.topic === lost.topic,
  )
  expect(reply).toMatchObject({
    event: 'phx_reply',
    ref: '99',
    payload: { status: 'error', response: { reason: 'unmatched topic' } },
  })
  expect(await joined.send('still here')).toBe('ok')
})

feature('phx_error is followed by a rejoin', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic)
  const join = await ann.recorder.frames.first('the join', (f) => f.event === 'phx_join')
  ann.recorder.forge({ topic: join.topic, event: 'phx_error', ref: join.ref, payload: {} })
  await joined.statuses.first('the error', (s) => s.status === 'CHANNEL_ERROR')
  await joined.subscribed(2)
  const other = await t.dial().join(t.topic)
  await other.send('note')
  await other.send('end')
  await joined.broadcasts.first('the end', (b) => b.event === 'end')
  expect(joined.broadcasts.all.map((b) => b.event)).toEqual(['note', 'end'])
  expect(ann.recorder.sockets).toHaveLength(1)
})

feature('a lost connection comes back', async (t) => {
  const ann = t.dial()
  const channels = [await ann.join(`${t.topic}-a`), await ann.join(`${t.topic}-b`)]
  ann.recorder.breakConnection()
  await Promise.all(channels.map((c) => c.subscribed(2)))
  const ben = t.dial()
  for (const [i, joined] of channels.entries()) {
    await (await ben.join(`${t.topic}-${i === 0 ? 'a' : 'b'}`)).send('note', { i })
    expect((await joined.broadcasts.first('the note')).payload).toEqual({ i })
  }
})

feature('a box that is killed and started again', async (t) => {
  const box = await startBox('serve')
  t.after(() => box.stop())
  const [ann, ben] = [t.dial({ url: box.local }), t.dial({ url: box.local })]
  const joined = await ann.join(t.topic, { presence: true })
  const other = await ben.join(t.topic)
  await other.channel.track({ name: 'Ben' })
  await joined.presence.first('Ben', (p) => p.event === 'join')
  await box.kill()
  await box.start()
  await Promise.all([joined.subscribed(2), other.subscribed(2)])
  const soFar = joined.presence.all.length
  await other.channel.track({ name: 'Ben', again: true })
  await joined.presence.first('Ben again', (p) => p.event === 'join' && p.metas?.[0]?.again === true, soFar)
  expect(Object.values(joined.channel.presenceState()).flat()).toHaveLength(1)
  await other.send('note', { midi: 60 })
  expect((await joined.broadcasts.first('the note')).payload).toEqual({ midi: 60 })
})

feature('a token that ends closes the channel; a new one keeps it', async (t) => {
  const short = () => mint({ role: 'authenticated', sub: crypto.randomUUID() }, 3)
  const [idle, fresh] = [t.dial({ token: short() }), t.dial({ token: short() })]
  const [left, kept] = [
    await idle.join(t.topic),
    await fresh.join(t.topic, { config: { broadcast: { ack: true } } }),
  ]
  await fresh.setToken(mint({ role: 'authenticated', sub: crypto.randomUUID() }))
  const why = await idle.recorder.frames.first('the reason', (f) => f.event === 'system')
  expect(why.payload).toMatchObject({ extension: 'system', status: 'error' })
  expect(why.payload.message).toMatch(/^Token has expired \d+ seconds ago$/)
  await left.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
  expect(await kept.send('still here')).toBe('ok')
  expect(kept.statuses.all.map((s) => s.status)).toEqual(['SUBSCRIBED'])
})
