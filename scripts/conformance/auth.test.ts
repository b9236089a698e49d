import { expect } from 'vitest'
import { claim, PASSWORD, printed, startBox, TEACHER } from './boxes.ts'
import { feature, type Trial } from './feature.ts'
import { mint } from './token.ts'
import type { Version } from './version.ts'

const user = () => mint({ role: 'authenticated', sub: crypto.randomUUID() })
const ackedPrivate = { config: { private: true, broadcast: { ack: true } } }

/** Versions that do not come back when a join was refused. */
const gaveUp = (v: Version) => v.minor < 57

/** The client of the program's administrator, who has the service key. */
const admin = (t: Trial, url = t.boxes.url) =>
  t.dial({ url, key: mint({ role: 'service_role' }) }).client.auth.admin

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

feature('a key that nobody signed', async (t) => {
  const ann = t.dial({ key: `${mint({ role: 'anon' }).slice(0, -4)}AAAA` })
  const joined = ann.open(t.topic)
  await joined.statuses.first('an error', (s) => s.status === 'CHANNEL_ERROR')
  expect(ann.line.frames.all.filter((f) => f.from === 'box')).toEqual([])
})

for (const [what, token, reason] of [
  ['ended', () => mint({ role: 'authenticated' }, -5), /InvalidJWTToken: Token has expired \d+ seconds ago/],
  ['was changed', () => `${user().slice(0, -4)}AAAA`, /JwtSignatureError: Failed to validate JWT signature/],
  ['is none', () => 'nonsense', /MalformedJWT: The token provided is not a valid JWT/],
] as const) {
  feature(`a join with a token that ${what}`, async (t) => {
    const ann = t.dial()
    await ann.use(token())
    const joined = ann.open(t.topic)
    expect((await joined.statuses.first('an answer')).reason).toMatch(reason)
  })
}

feature(
  'a refused join is tried again with a new token',
  async (t) => {
    const ended = mint({ role: 'authenticated' }, -5)
    const ann = t.dial({ token: ended })
    await ann.use(ended)
    const joined = ann.open(t.topic)
    await joined.statuses.first('the refusal', (s) => s.status === 'CHANNEL_ERROR')
    await ann.use(user())
    await joined.subscribed()
  },
  gaveUp,
)

feature('a private channel is closed to anon', async (t) => {
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
  await ben.heard.first('the greeting')
})

feature(
  'a private channel, asked for before the token is there',
  async (t) => {
    const ann = t.dial({ token: user() })
    const joined = ann.open(t.topic, ackedPrivate)
    await ann.use(user())
    await joined.subscribed()
    const ben = await t.dial({ token: user() }).join(t.topic, ackedPrivate)
    await ben.send('hello')
    await joined.heard.first('the greeting')
    expect(joined.statuses.all.map((s) => s.status)).not.toContain('CLOSED')
  },
  gaveUp,
)

feature('losing the right to a private channel closes it', async (t) => {
  const ann = t.dial({ token: user() })
  const joined = await ann.join(t.topic, ackedPrivate)
  await ann.use(t.boxes.anon)
  const system = await ann.line.frames.first('the reason', (f) => f.event === 'system')
  expect(system.payload.message).toBe(
    `You no longer have permission to read from this Channel topic: ${t.topic}`,
  )
  await joined.statuses.first('CLOSED', (s) => s.status === 'CLOSED')
})

feature('signInAnonymously', async (t) => {
  const { data, error } = await t.dial().client.auth.signInAnonymously()
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ id: expect.any(String), is_anonymous: true, role: 'authenticated' })
  expect(data.session).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) })
})

feature('who has signed in anonymously joins a private channel', async (t) => {
  const ann = t.dial()
  const { data, error } = await ann.client.auth.signInAnonymously()
  expect(error).toBeNull()
  await ann.client.realtime.setAuth(data.session?.access_token)
  await ann.join(t.topic, ackedPrivate)
})

feature('signInWithPassword', async (t) => {
  const { client } = t.dial()
  const { data, error } = await client.auth.signInWithPassword({ email: TEACHER, password: PASSWORD })
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ role: 'authenticated', app_metadata: { downbeat_role: 'teacher' } })
  const insert = await client.from('lesson_plans').insert({ title: t.topic })
  expect(insert.error).toBeNull()
})

/** A box with a teacher of its own: wrong tries slow down everybody at their address. */
async function ownBox(t: Trial): Promise<string> {
  const box = await startBox('serve')
  t.after(() => box.stop())
  await claim(box)
  return box.local
}

feature('signInWithPassword with a wrong password', async (t) => {
  const wrong = { email: TEACHER, password: 'not the password' }
  const { data, error } = await t.dial({ url: await ownBox(t) }).client.auth.signInWithPassword(wrong)
  expect(data).toMatchObject({ user: null, session: null })
  expect(error).toMatchObject({ message: 'Invalid login credentials', status: 400 })
})

feature('getUser', async (t) => {
  const { client } = t.dial()
  const signedIn = await client.auth.signInAnonymously()
  const { data, error } = await client.auth.getUser()
  expect(error).toBeNull()
  expect(data.user?.id).toBe(signedIn.data.user?.id)
})

feature('refresh', async (t) => {
  const { client } = t.dial()
  const before = await client.auth.signInAnonymously()
  const { data, error } = await client.auth.refreshSession()
  expect(error).toBeNull()
  expect(data.user?.id).toBe(before.data.user?.id)
  expect(data.session?.refresh_token).not.toBe(before.data.session?.refresh_token)
  expect((await client.auth.getUser(data.session?.access_token)).error).toBeNull()
})

feature('signOut', async (t) => {
  const { client } = t.dial()
  const { data } = await client.auth.signInAnonymously()
  expect((await client.auth.signOut()).error).toBeNull()
  expect((await client.auth.getSession()).data.session).toBeNull()
  const refresh_token = data.session?.refresh_token ?? ''
  expect(refresh_token).not.toBe('')
  const again = await client.auth.refreshSession({ refresh_token })
  expect(again.error).toMatchObject({ status: 400 })
})

feature('admin creates and deletes a user', async (t) => {
  const url = await ownBox(t)
  const email = `${crypto.randomUUID()}@example.com`
  const { data, error } = await admin(t, url).createUser({ email, password: PASSWORD, email_confirm: true })
  expect(error).toBeNull()
  const id = data.user?.id ?? ''
  const signIn = () => t.dial({ url }).client.auth.signInWithPassword({ email, password: PASSWORD })
  expect((await signIn()).data.user?.id).toBe(id)
  expect((await admin(t, url).deleteUser(id)).error).toBeNull()
  expect((await signIn()).error).toMatchObject({ status: 400 })
})

feature('admin is refused without the service key', async (t) => {
  const { error } = await t
    .dial()
    .client.auth.admin.createUser({ email: 'a@example.com', password: PASSWORD })
  expect(error).toMatchObject({ status: 403, message: 'User not allowed' })
})
