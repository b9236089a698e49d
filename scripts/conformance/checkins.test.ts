import { expect } from 'vitest'
import { feature, type Trial } from './feature.ts'
import { mint, teacher } from './token.ts'

/** Makes a request to the box's own API, and returns the answer. */
async function ask(t: Trial, path: string, body: object, headers: Record<string, string>) {
  const answer = await fetch(t.boxes.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer.json()
}

/** Opens a room of a class with two children. Returns their tokens: the first may be asked. */
async function pupils(t: Trial): Promise<{ asked: string; other: string }> {
  const cookie = t.boxes.staff
  const staff = (path: string, body: object) => ask(t, path, body, { Cookie: cookie })
  const { code } = await staff('/box/v1/rooms', { name: 'Check-in' })
  const { id } = await staff('/box/v1/classes', { name: '5B', room: code })
  t.after(async () => {
    const headers = { 'Content-Type': 'application/json', Cookie: cookie }
    await fetch(`${t.boxes.url}/box/v1/rooms/${code}`, { method: 'DELETE', headers, body: '{}' })
  })
  const { children } = await staff(`/box/v1/classes/${id}/import`, { version: 0, names: ['Ana', 'Ben'] })
  await staff(`/box/v1/classes/${id}`, { check_in: true })
  await staff(`/box/v1/classes/${id}/children/${children[0].id}`, { consent: true })
  const sit = async (music: number[]): Promise<string> => {
    const { token } = await ask(t, '/box/v1/join', { code }, {})
    await ask(t, '/box/v1/me/music', { music }, { Authorization: `Bearer ${token}` })
    return token
  }
  return { asked: await sit(children[0].music), other: await sit(children[1].music) }
}

feature('a check-in is a child’s who may be asked, and nobody reads it', async (t) => {
  const { asked, other } = await pupils(t)
  const insert = async (token: string, row: object) => {
    const { error } = await t.dial({ key: token, token }).client.from('check_ins').insert(row)
    return error?.code
  }
  expect(await insert(asked, { inner_tempo: 3, inner_key: 1 })).toBeUndefined()
  expect(await insert(asked, { inner_tempo: 4, inner_key: 1 })).toBe('23514')
  expect(await insert(asked, { inner_tempo: 3 })).toBe('23502')
  expect(await insert(asked, { inner_tempo: 3, inner_key: 1, room: 'DRUM-1111' })).toBe('PGRST204')
  for (const token of [other, teacher(), mint({ role: 'service_role' })]) {
    expect(await insert(token, { inner_tempo: 3, inner_key: 1 })).toBe('42501')
  }
  for (const token of [asked, other, teacher(), mint({ role: 'service_role' })]) {
    const { data } = await t.dial({ key: token, token }).client.from('check_ins').select()
    expect(data ?? []).toEqual([])
  }
})
