import { expect } from 'vitest'
import { feature } from './feature.ts'
import type { JoinedChannel, PresenceEvent } from './program.ts'

const watching = { presence: true }
const as = (key: string) => ({ presence: true, config: { presence: { key } } })

/** Waits until a join under that key has come. */
const joins = (member: JoinedChannel, key: string) =>
  member.presence.first(`${key} to come`, (p) => p.event === 'join' && p.key === key)
const leaves = (member: JoinedChannel, key: string) =>
  member.presence.first(`${key} to go`, (p) => p.event === 'leave' && p.key === key)

feature('every client sees a track', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  expect(await ann.channel.track({ name: 'Ann', seat: 3 })).toBe('ok')
  for (const member of [ann, ben]) {
    expect((await joins(member, 'ann')).metas).toMatchObject([{ name: 'Ann', seat: 3 }])
    expect(member.channel.presenceState()).toMatchObject({ ann: [{ name: 'Ann', seat: 3 }] })
  }
})

feature('the state comes before changes', async (t) => {
  const ann = await t.dial().join(t.topic, as('ann'))
  await ann.channel.track({ name: 'Ann' })
  await joins(ann, 'ann')
  const ben = await t.dial().join(t.topic, as('ben'))
  await ben.channel.track({ name: 'Ben' })
  await joins(ben, 'ben')
  expect(ben.diffs.map((f) => f.event)).toEqual(['presence_state', 'presence_diff'])
  expect(ben.diffs[0]?.payload).toMatchObject({ ann: { metas: [{ name: 'Ann' }] } })
  expect(Object.keys(ben.channel.presenceState()).sort()).toEqual(['ann', 'ben'])
})

feature('a client without a key gets one of the box', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, watching), await t.dial().join(t.topic)]
  await ben.channel.track({ name: 'Ben' })
  const came = await ann.presence.first('Ben', (p) => p.event === 'join')
  expect(came.key).toMatch(/^[0-9a-f-]{36}$/)
})

feature('a track without a payload', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  const track = ben.channel.track.bind(ben.channel) as unknown as () => Promise<string>
  expect(await track()).toBe('ok')
  expect((await joins(ann, 'ben')).metas).toHaveLength(1)
})

feature('a key of a number', async (t) => {
  const ann = await t.dial().join(t.topic, as('ann'))
  const ben = await t.dial().join(t.topic, as(123 as unknown as string))
  await ben.channel.track({ name: 'Ben' })
  expect((await joins(ann, '123')).metas).toMatchObject([{ name: 'Ben' }])
})

feature('an update is one change', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  await ben.channel.track({ mood: 'shy' })
  await joins(ann, 'ben')
  await ben.channel.track({ mood: 'bold' })
  const bold = await ann.presence.first('bold', (p) => p.event === 'join' && p.metas?.[0]?.mood === 'bold')
  expect(bold.metas).toHaveLength(1)
  expect(ann.diffs).toHaveLength(3)
  const joined = ann.diffs[1]?.payload.joins as { ben: { metas: { phx_ref: string }[] } } | undefined
  const before = joined?.ben.metas[0]?.phx_ref
  expect(ann.diffs[2]?.payload).toMatchObject({
    joins: { ben: { metas: [{ mood: 'bold', phx_ref_prev: before }] } },
    leaves: { ben: { metas: [{ mood: 'shy', phx_ref: before }] } },
  })
  expect(ann.channel.presenceState()).toMatchObject({ ben: [{ mood: 'bold' }] })
})

feature('the same again is no change', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  for (let i = 0; i < 3; i++) expect(await ben.channel.track({ name: 'Ben' })).toBe('ok')
  await ben.channel.untrack()
  await leaves(ann, 'ben')
  expect(ann.diffs.map((f) => f.event)).toEqual(['presence_state', 'presence_diff', 'presence_diff'])
})

feature('untrack', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  await ben.channel.track({ name: 'Ben' })
  await joins(ann, 'ben')
  expect(await ben.channel.untrack()).toBe('ok')
  expect((await leaves(ann, 'ben')).metas).toMatchObject([{ name: 'Ben' }])
  expect(ann.channel.presenceState()).toEqual({})
})

feature('leaving the channel ends the presence', async (t) => {
  const [ann, ben] = [await t.dial().join(t.topic, as('ann')), await t.dial().join(t.topic, as('ben'))]
  await ben.channel.track({ name: 'Ben' })
  await joins(ann, 'ben')
  await ben.channel.unsubscribe()
  await leaves(ann, 'ben')
})

feature('disconnecting ends the presence', async (t) => {
  const ben = t.dial()
  const [ann, joined] = [await t.dial().join(t.topic, as('ann')), await ben.join(t.topic, as('ben'))]
  await joined.channel.track({ name: 'Ben' })
  await joins(ann, 'ben')
  await ben.disconnect()
  await leaves(ann, 'ben')
  expect(ann.channel.presenceState()).toEqual({})
})

feature('several under one key', async (t) => {
  const ann = await t.dial().join(t.topic, as('ann'))
  const tabs = [await t.dial().join(t.topic, as('ben')), await t.dial().join(t.topic, as('ben'))]
  for (const [tab, joined] of tabs.entries()) await joined.channel.track({ tab })
  await ann.presence.atLeast(2, 'a tab of Ben', (p) => p.event === 'join')
  expect(ann.channel.presenceState()).toMatchObject({ ben: [{ tab: 0 }, { tab: 1 }] })
  await tabs[0]?.channel.unsubscribe()
  await leaves(ann, 'ben')
  expect(ann.channel.presenceState()).toMatchObject({ ben: [{ tab: 1 }] })
})

feature('a client that tracks without listening gets the state', async (t) => {
  const ann = await t.dial().join(t.topic, as('ann'))
  await ann.channel.track({ name: 'Ann' })
  const ben = t.dial()
  const joined = await ben.join(t.topic, { config: { presence: { key: 'ben' } } })
  await joined.channel.track({ name: 'Ben' })
  await ben.recorder.frames.first(
    'its own coming',
    (f) => f.event === 'presence_diff' && 'ben' in (f.payload.joins as object),
  )
  expect(Object.keys(joined.channel.presenceState()).sort()).toEqual(['ann', 'ben'])
})

feature('a short break in the Wi-Fi is no leave', async (t) => {
  const ben = t.dial()
  const [ann, joined] = [await t.dial().join(t.topic, as('ann')), await ben.join(t.topic, as('ben'))]
  await joined.channel.track({ name: 'Ben' })
  await joins(ann, 'ben')
  ben.recorder.breakConnection()
  await joined.subscribed(2)
  await joined.channel.track({ name: 'Ben' })
  await joined.send('end')
  await ann.broadcasts.first('the end')
  expect(ann.presence.all.filter((p) => p.event === 'leave')).toEqual([])
  expect(ann.channel.presenceState()).toMatchObject({ ben: [{ name: 'Ben' }] })
})

feature('a client that comes back after a break gets the present state', async (t) => {
  const ann = t.dial()
  const joined = await ann.join(t.topic, as('ann'))
  const ben = await t.dial().join(t.topic, as('ben'))
  await ben.channel.track({ name: 'Ben' })
  await joins(joined, 'ben')
  ann.recorder.breakConnection()
  await joined.statuses.first('the break', (s) => s.status === 'CHANNEL_ERROR')
  await ben.channel.track({ name: 'Benjamin' })
  await joined.subscribed(2)
  const renamed = (p: PresenceEvent) => p.event === 'join' && p.metas?.[0]?.name === 'Benjamin'
  await joined.presence.first('Benjamin', renamed)
  expect(joined.channel.presenceState()).toMatchObject({ ben: [{ name: 'Benjamin' }] })
})
