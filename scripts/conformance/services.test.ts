import { expect } from 'vitest'
import { feature } from './feature.ts'

feature('Storage says that there is none', async (t) => {
  const { storage } = t.dial().client
  const says = { message: expect.stringContaining('no Storage') }
  expect((await storage.listBuckets()).error).toMatchObject(says)
  expect((await storage.from('songs').upload('a.txt', 'text')).error).toMatchObject(says)
  expect((await storage.from('songs').download('a.txt')).error).not.toBeNull()
})

feature('Edge Functions say that there are none', async (t) => {
  const { error } = await t.dial().client.functions.invoke('hello', { body: { name: 'Ann' } })
  expect(error).toMatchObject({ name: 'FunctionsHttpError' })
  expect(await error.context.json()).toMatchObject({ message: expect.stringContaining('no Edge Functions') })
})

feature('a page may ask for what is not there', async (t) => {
  for (const path of ['/storage/v1/bucket', '/functions/v1/hello', '/graphql/v1', '/auth/v1/authorize']) {
    const url = t.boxes.url + path
    const headers = { 'Access-Control-Request-Method': 'POST', Origin: 'https://app.example' }
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Headers': 'authorization, apikey, x-client-info' },
    })
    expect(preflight.ok, path).toBe(true)
    expect(preflight.headers.get('Access-Control-Allow-Headers'), path).toContain('x-client-info')
    const answer = await fetch(url, {
      method: 'POST',
      headers: { Origin: 'https://app.example' },
      body: '{}',
    })
    expect(answer.headers.get('Access-Control-Allow-Origin'), path).toBe('*')
    expect(answer.ok, path).toBe(false)
    const body: { message?: string; msg?: string } = await answer.json()
    expect(body.message ?? body.msg, path).toMatch(/^(The box has no|Unsupported provider: the box has no)/)
  }
})
