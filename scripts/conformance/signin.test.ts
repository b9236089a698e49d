import { expect } from 'vitest'
import { claim, PASSWORD, startBox, TEACHER } from './boxes.ts'
import { feature, type Trial } from './feature.ts'
import { mint } from './token.ts'

const ackedPrivate = { config: { private: true, broadcast: { ack: true } } }

/** The client of the program's administrator, with the service key. */
const admin = (t: Trial, url = t.boxes.url) =>
  t.dial({ url, key: mint({ role: 'service_role' }) }).client.auth.admin

feature('signInAnonymously', async (t) => {
  const { data, error } = await t.dial().client.auth.signInAnonymously()
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ id: expect.any(String), is_anonymous: true, role: 'authenticated' })
  expect(data.session).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) })
})

feature('an anonymous user joins a private channel', async (t) => {
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

/** A box of its own: wrong passwords slow down everybody at their address. */
async function ownBox(t: Trial, ...args: string[]): Promise<string> {
  const box = await startBox('serve', ...args)
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

feature('signUp with an email is off', async (t) => {
  const { data, error } = await t.dial().client.auth.signUp({ email: 'ann@example.com', password: PASSWORD })
  expect(data).toMatchObject({ user: null, session: null })
  expect(error).toMatchObject({ message: 'Signups not allowed for this instance', status: 422 })
})

feature('signUp with an email, where the box allows it', async (t) => {
  const url = await ownBox(t, '--email-signup')
  const { client } = t.dial({ url })
  const email = `${crypto.randomUUID()}@Example.com`
  const { data, error } = await client.auth.signUp({ email, password: 'secret', options: { data: { n: 1 } } })
  expect(error).toBeNull()
  expect(data.session?.access_token).toEqual(expect.any(String))
  expect(data.user).toMatchObject({
    email: email.toLowerCase(),
    role: 'authenticated',
    user_metadata: { n: 1 },
  })
  expect(data.user?.identities).toMatchObject([{ provider: 'email', user_id: data.user?.id }])
  const again = await client.auth.signUp({ email, password: 'another' })
  expect(again.error).toMatchObject({ message: 'User already registered', status: 422 })
  const short = await client.auth.signUp({ email: 'ben@example.com', password: 'short' })
  expect(short.error).toMatchObject({ name: 'AuthWeakPasswordError', reasons: ['length'] })
  const wrong = await client.auth.signUp({ email: 'ben@', password: 'secret' })
  expect(wrong.error).toMatchObject({
    message: 'Unable to validate email address: invalid format',
    status: 400,
  })
})

feature('updateUser changes email and password', async (t) => {
  const url = await ownBox(t, '--email-signup')
  const { client } = t.dial({ url })
  const [before, after] = [crypto.randomUUID(), crypto.randomUUID()].map((name) => `${name}@example.com`)
  const signedUp = await client.auth.signUp({ email: before ?? '', password: 'first one' })
  const { data, error } = await client.auth.updateUser({ email: after ?? '', password: 'second' })
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ id: signedUp.data.user?.id, email: after })
  expect((await client.auth.getUser()).error).toBeNull()
  const signIn = (email = '', password = '') => client.auth.signInWithPassword({ email, password })
  expect((await signIn(after, 'first one')).error).toMatchObject({ status: 400 })
  expect((await signIn(after, 'second')).data.user?.id).toBe(signedUp.data.user?.id)
  const same = await client.auth.updateUser({ password: 'second' })
  expect(same.error).toMatchObject({ status: 422 })
})

feature('an anonymous user takes an email', async (t) => {
  const url = await ownBox(t, '--email-signup')
  const { client } = t.dial({ url })
  const anonymous = await client.auth.signInAnonymously()
  const email = `${crypto.randomUUID()}@example.com`
  const { data, error } = await client.auth.updateUser({ email, password: 'secret' })
  expect(error).toBeNull()
  expect(data.user).toMatchObject({ id: anonymous.data.user?.id, email, is_anonymous: false })
})

feature('admin lists users in pages', async (t) => {
  const url = await ownBox(t)
  for (let i = 0; i < 3; i++) {
    await admin(t, url).createUser({ email: `${i}@example.com`, password: PASSWORD })
  }
  const page = async (n: number) => {
    const { data, error } = await admin(t, url).listUsers({ page: n, perPage: 2 })
    expect(error).toBeNull()
    return data as typeof data & { nextPage: number | null; lastPage: number; total: number }
  }
  const [first, second, third] = [await page(1), await page(2), await page(3)]
  expect(first).toMatchObject({ nextPage: 2, lastPage: 2, total: 4 })
  expect(second).toMatchObject({ nextPage: null, lastPage: 2, total: 4 })
  expect([first, second, third].map((p) => p.users.length)).toEqual([2, 2, 0])
  expect(new Set([...first.users, ...second.users].map((u) => u.email)).size).toBe(4)
})

feature('signInWithOAuth leads to an explanation', async (t) => {
  const { data } = await t.dial().client.auth.signInWithOAuth({ provider: 'github' })
  const answer = await fetch(data.url ?? '')
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('no OAuth')
})

feature('what needs mail says so', async (t) => {
  const { auth } = t.dial().client
  const says = { message: expect.stringContaining('no mail') }
  expect((await auth.signInWithOtp({ email: 'ann@example.com' })).error).toMatchObject(says)
  expect((await auth.resetPasswordForEmail('ann@example.com')).error).toMatchObject(says)
  expect((await auth.resend({ type: 'signup', email: 'ann@example.com' })).error).toMatchObject(says)
})
