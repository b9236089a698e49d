import { expect } from 'vitest'
import { printed } from './boxes.ts'
import { feature } from './feature.ts'
import { mint } from './token.ts'
import type { Version } from './version.ts'

const user = () => mint({ role: 'authenticated', sub: crypto.randomUUID() })
const ackedPrivate = { config: { private: true, broadcast: { ack: true } } }

/** Versions that do not retry after a refused join. */
const gaveUp = (v: Version) => v.minor < 57

for (const role of ['anon', 'authenticated', 'service_role']) {
  feature(`a token of ${role}`, async (t) => {
    const joined = await t
      .dial({ token: mint({ role }) })
      .join(t.topic, { config: { broadcast: { ack: true } } })
    expect(await joined.send('hello')).toBe('ok')
  })
}

feature('a token of the service as the key', async (t) => {
  await t.dial({ key: mint({ role: 'service_role' }) }).join(t.topic)
})

for (const [kind, role] of [
  ['publishable', 'anon'],
  ['secret', 'service_role'],
] as const) {
  feature(`a key of the new style, sb_${kind}_`, async (t) => {
    const key = printed('--data', t.boxes.data, '--role', role, '--key')
    const joined = await t.dial({ key }).join(t.topic, { config: { broadcast: { ack: true } } })
    expect(await joined.send('hello')).toBe('ok')
  })
}

feature('a key without a valid signature', async (t) => {
  const ann = t.dial({ key: `${mint({ role: 'anon' }).slice(0, -4)}AAAA` })
  const joined = ann.open(t.topic)
  await joined.statuses.first('an error', (s) => s.status === 'CHANNEL_ERROR')
  expect(ann.recorder.frames.all.filter((f) => f.from === 'box')).toEqual([])
})

for (const [what, token, reason] of [
  ['ended', () => mint({ role: 'authenticated' }, -5), /InvalidJWTToken: Token has expired \d+ seconds ago/],
  ['was changed', () => `${user().slice(0, -4)}AAAA`, /JwtSignatureError: Failed to validate JWT signature/],
  ['is none', () => 'nonsense', /MalformedJWT: The token provided is not a valid JWT/],
] as const) {
  feature(`a join with a token that ${what}`, async (t) => {
    const ann = t.dial()
    await ann.setToken(token())
    const joined = ann.open(t.topic)
    expect((await joined.statuses.first('an answer')).reason).toMatch(reason)
  })
}

feature(
  'a refused join is tried again with a new token',
  async (t) => {
    const ended = mint({ role: 'authenticated' }, -5)
    const ann = t.dial({ token: ended })
    await ann.setToken(ended)
    const joined = ann.open(t.topic)
    await joined.statuses.first('the refusal', (s) => s.status === 'CHANNEL_ERROR')
    await ann.setToken(user())
    await joined.subscribed()
  },
  gaveUp,
)

feature('a key without a valid signature', async (t) => {
  const joined = t.dial().open(t.topic, ackedPrivate)
  const refused = await joined.statuses.first('an answer')
  expect(refused.status).toBe('CHANNEL_ERROR')
  expect(refused.reason).toContain(
    `Unauthorized: You do not have permissions to read from this Channel topic: ${t.topic}`,
  )
})

feature('a private channel is open to users', async (t) => {
  const [ann, ben] = [
    await t.dial({ token: user() }).join(t.topic, ackedPrivate),
    await t.dial({ token: user() }).join(t.topic, ackedPrivate),
  ]
  expect(await ann.send('hello')).toBe('ok')
  await ben.broadcasts.first('the greeting')
})

feature(
  'a private channel, asked for before the token is there',
  async (t) => {
    const ann = t.dial({ token: user() })
    const joined = ann.open(t.topic, ackedPrivate)
    await ann.setToken(user())
    await joined.subscribed()
    const ben = await t.dial({ token: user() }).join(t.topic, ackedPrivate)
    await ben.send('hello')
    await joined.broadcasts.first('the greeting')
    expect(joined.statuses.all.map((s) => s.status)).not.toContain('CLOSED')
  },
  gaveUp,
)

feature('losing the right to a private channel closes it', async (t) => {
  const ann = t.dial({ token: user() })
  const joined = await ann.join(t.topic, ackedPrivate)
  await ann.setToken(t.boxes.anon)
  const system = await ann.recorder.frames.first('the reason', (f) => f.event === 'system')
  expect(system.payload.message).toBe(
    `You no longer have permission to read from this Channel topic: ${t.topic}`,
  )
  await joined.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
})
