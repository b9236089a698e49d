import { describe, expect } from 'vitest'
import { startBox } from './boxes.ts'
import { feature, type Trial } from './feature.ts'

/** Declares a feature of many channels, which keep a processor busy. */
const heavy = (name: string, run: (t: Trial) => Promise<void>) =>
  feature(name, run, undefined, describe.sequential)

heavy('a hundred channels on one socket', async (t) => {
  const ann = t.dial()
  const topics = Array.from({ length: 100 }, (_, i) => `${t.topic}-${i}`)
  const channels = await Promise.all(
    topics.map((topic) => ann.join(topic, { config: { broadcast: { self: true } } })),
  )
  await Promise.all(channels.map(({ channel }) => channel.track({ page: channel.topic })))
  await Promise.all(channels.map((c, i) => c.send('mine', { i })))
  await Promise.all(channels.map((c) => c.broadcasts.first('its own broadcast')))
  expect(channels.map((c) => c.broadcasts.all.map((b) => b.payload.i))).toEqual(channels.map((_, i) => [i]))
  expect(ann.recorder.sockets).toHaveLength(1)
})

heavy('pages of channels that come and go', async (t) => {
  const ann = t.dial()
  const keeps = await ann.join(t.topic) // without it, old clients close the socket between pages
  for (let page = 0; page < 8; page++) {
    const topics = Array.from({ length: 12 }, (_, i) => `${t.topic}-${page % 2}-${i}`)
    const channels = await Promise.all(topics.map((topic) => ann.join(topic)))
    await Promise.all(channels.map(({ channel }) => ann.client.removeChannel(channel)))
  }
  expect(keeps.statuses.all.map((s) => s.status)).toEqual(['SUBSCRIBED'])
  expect(ann.recorder.sockets).toHaveLength(1)
})

heavy('joins over the budget are answered, and the socket stays', async (t) => {
  const box = await startBox('serve', '--limit', 'joins=4') // 24 at once
  t.after(() => box.stop())
  const ann = t.dial({ url: box.local })
  const topics = Array.from({ length: 30 }, (_, i) => `${t.topic}-${i}`)
  const channels = topics.map((topic) => ann.open(topic))
  const answers = await Promise.all(channels.map((c) => c.statuses.first('an answer')))
  const refused = answers.filter((s) => s.status !== 'SUBSCRIBED')
  expect(refused.length).toBeGreaterThan(0)
  for (const { status, reason } of refused) {
    expect(status).toBe('CHANNEL_ERROR')
    expect(reason).toContain('ClientJoinRateLimitReached')
  }
  // 2.45 leaves it to the program to try again.
  if (t.version.minor >= 57) await Promise.all(channels.map((c) => c.subscribed()))
  expect(ann.recorder.sockets).toHaveLength(1)
})
