import { expect } from 'vitest'
import { startBox } from './boxes.ts'
import { feature, type Trial } from './feature.ts'
import type { Program } from './program.ts'
import { mint } from './token.ts'

// What suites of Supabase programs do before their first test and between tests: they make users with
// emails, sign in, and use private channels with rules of their own. The box knows no teacher, because
// such a suite knows no claim code.

const PASSWORD = 'secret'
/** As row-level security often has it: a topic of each user, and one for all who are signed in. */
const RULES = 'user:{sub} signed-in all; user:* everyone none; * signed-in all'

interface Suite {
  readonly url: string
  readonly admin: Program
}

async function startSuite(t: Trial): Promise<Suite> {
  const box = await startBox('serve', '--email-signup', '--policy', RULES)
  t.after(() => box.stop())
  return { url: box.local, admin: t.dial({ url: box.local, key: mint({ role: 'service_role' }) }) }
}

interface User {
  readonly program: Program
  readonly id: string
  readonly email: string
}

/** Signs a user up with one client, and in with another, which gets their token for its channels. */
async function makeUser(t: Trial, { url }: Suite): Promise<User> {
  const email = `${crypto.randomUUID()}@example.com`
  const made = await t.dial({ url }).client.auth.signUp({ email, password: PASSWORD })
  expect(made.error).toBeNull()
  const program = t.dial({ url })
  const { data, error } = await program.client.auth.signInWithPassword({ email, password: PASSWORD })
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ id: made.data.user?.id, email })
  await program.client.realtime.setAuth(data.session?.access_token ?? '')
  return { program, id: data.user?.id ?? '', email }
}

const acked = { config: { private: true, broadcast: { ack: true } } }

const refusal = (program: Program, topic: string) =>
  program.open(topic, acked).statuses.first('the refusal', (s) => s.status === 'CHANNEL_ERROR')

feature('a suite makes its users, who share a private channel', async (t) => {
  const suite = await startSuite(t)
  const [ann, ben] = [await makeUser(t, suite), await makeUser(t, suite)]
  const [there, here] = [await ann.program.join(t.topic, acked), await ben.program.join(t.topic, acked)]
  expect(await there.send('cue', { bar: 8 })).toBe('ok')
  expect((await here.broadcasts.first('the cue')).payload).toEqual({ bar: 8 })
})

feature('private topics of a suite belong to their users', async (t) => {
  const suite = await startSuite(t)
  const [ann, ben] = [await makeUser(t, suite), await makeUser(t, suite)]
  const own = await ann.program.join(`user:${ann.id}`, acked)
  expect(await own.send('note')).toBe('ok')
  expect((await refusal(ben.program, `user:${ann.id}`)).reason).toContain('Unauthorized')
  expect((await refusal(t.dial({ url: suite.url }), t.topic)).reason).toContain('Unauthorized')
})

feature('a suite finds, changes and deletes its users', async (t) => {
  const suite = await startSuite(t)
  const [ann, ben] = [await makeUser(t, suite), await makeUser(t, suite)]
  const { admin } = suite.admin.client.auth
  const { data, error } = await admin.listUsers()
  expect(error).toBeNull()
  expect(data.users.map((u) => u.email).sort()).toEqual([ann.email, ben.email].sort())
  const changed = await ann.program.client.auth.updateUser({ data: { part: 'bass' } })
  expect(changed.data.user?.user_metadata).toMatchObject({ part: 'bass' })
  const promoted = await admin.updateUserById(ann.id, { app_metadata: { choir: 1 } })
  expect(promoted.data.user?.app_metadata).toMatchObject({ choir: 1 })
  for (const { id } of data.users) expect((await admin.deleteUser(id)).error).toBeNull()
  expect((await admin.listUsers()).data.users).toEqual([])
  const gone = await t.dial({ url: suite.url }).client.auth.signInWithPassword({
    email: ann.email,
    password: PASSWORD,
  })
  expect(gone.error).toMatchObject({ message: 'Invalid login credentials', status: 400 })
})

feature('a user of a suite who is not confirmed', async (t) => {
  const { url, admin } = await startSuite(t)
  const user = { email: `${crypto.randomUUID()}@example.com`, password: PASSWORD }
  const made = await admin.client.auth.admin.createUser({ ...user, email_confirm: false })
  expect(made.data.user?.email_confirmed_at).toBeUndefined()
  const signIn = () => t.dial({ url }).client.auth.signInWithPassword(user)
  expect((await signIn()).error).toMatchObject({ message: 'Email not confirmed', status: 400 })
  await admin.client.auth.admin.updateUserById(made.data.user?.id ?? '', { email_confirm: true })
  expect((await signIn()).error).toBeNull()
})
