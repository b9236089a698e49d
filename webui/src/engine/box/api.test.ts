import { afterEach, describe, expect, test, vi } from 'vitest'
import { Api, ApiError } from './api.ts'

afterEach(() => {
  vi.useRealTimers()
})

interface Call {
  url: string
  init: RequestInit
}

/** An Api whose box gives one reply, and the request that it got. */
function setUp(answer: () => Response | Promise<Response>) {
  const calls: Call[] = []
  const api = new Api('http://box', async (url, init) => {
    calls.push({ url: String(url), init: init ?? {} })
    return answer()
  })
  return { api, calls }
}

function json(body: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(body), init)
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
  throw new Error('the call succeeded')
}

describe('every route', () => {
  const cases: [string, (api: Api) => Promise<unknown>, string, string, unknown][] = [
    ['status', (a) => a.status(), 'GET', '/box/v1/status', undefined],
    ['claim', (a) => a.claim('C', 'p'), 'POST', '/box/v1/claim', { code: 'C', password: 'p' }],
    ['login', (a) => a.login('p'), 'POST', '/box/v1/login', { password: 'p' }],
    ['logout', (a) => a.logout(), 'POST', '/box/v1/logout', undefined],
    ['renewCards', (a) => a.renewCards(), 'POST', '/box/v1/cards', undefined],
    ['rooms', (a) => a.rooms(), 'GET', '/box/v1/rooms', undefined],
    ['createRoom', (a) => a.createRoom({ name: 'x' }), 'POST', '/box/v1/rooms', { name: 'x' }],
    ['closeRoom', (a) => a.closeRoom('A/1'), 'DELETE', '/box/v1/rooms/A%2F1', undefined],
    ['enterRoom', (a) => a.enterRoom('A-1', 'stage'), 'POST', '/box/v1/rooms/A-1/enter', { as: 'stage' }],
    ['join', (a) => a.join({ code: 'a 1' }), 'POST', '/box/v1/join', { code: 'a 1' }],
    ['rename', (a) => a.rename('tok', { shuffle: true }), 'POST', '/box/v1/me', { shuffle: true }],
    ['midi', (a) => a.midi(), 'GET', '/box/v1/keyboards', undefined],
    [
      'changePort',
      (a) => a.changePort('k', { room: 'A-1', stage: true }),
      'POST',
      '/box/v1/keyboards',
      { id: 'k', room: 'A-1', stage: true },
    ],
    ['myKeyboards', (a) => a.myKeyboards('tok'), 'GET', '/box/v1/me/keyboards', undefined],
    [
      'changeMyKeyboards',
      (a) => a.changeMyKeyboards('tok', { search: true }),
      'POST',
      '/box/v1/me/keyboards',
      { search: true },
    ],
    ['giveUp', (a) => a.giveUp('tok'), 'DELETE', '/box/v1/me', undefined],
  ]
  test.each(cases)('%s', async (name, call, method, path, body) => {
    const { api, calls } = setUp(() => json({ member: { name: 'x' } }))
    await call(api)
    const [{ url, init } = { url: '', init: {} }] = calls
    expect([init.method, url]).toEqual([method, `http://box${path}`])
    expect(init.body === undefined ? undefined : JSON.parse(String(init.body))).toEqual(body)
    expect(new Headers(init.headers).get('authorization')).toBe(
      ['rename', 'giveUp', 'myKeyboards', 'changeMyKeyboards'].includes(name) ? 'Bearer tok' : null,
    )
  })

  test('204 is a reply', async () => {
    const { api } = setUp(() => new Response(null, { status: 204 }))
    await expect(api.login('p')).resolves.toBeUndefined()
  })

  test('qrUrl', () => {
    const { api } = setUp(() => json(0))
    expect(api.qrUrl('A-1')).toBe('http://box/box/v1/rooms/A-1/qr.svg')
    expect(api.qrUrl('A-1', '10.0.0.1:80')).toBe('http://box/box/v1/rooms/A-1/qr.svg?for=10.0.0.1%3A80')
  })
})

describe('errors', () => {
  test('have the words of the box', async () => {
    const body = { error: 'slow_down', message: 'Wait a moment.' }
    const { api } = setUp(() => json(body, { status: 429, headers: { 'retry-after': '7' } }))
    const error = await failure(api.join({ code: 'x' }))
    expect({ ...error }).toMatchObject({ error: 'slow_down', status: 429, retryAfter: 7 })
    expect(error.message).toBe('Wait a moment.')
  })

  test.each(['', '<html>', 'null', '[]', '{"error":5,"message":""}'])(
    'have other words if the box gives none: %s',
    async (text) => {
      const { api } = setUp(() => new Response(text, { status: 502 }))
      expect(await failure(api.status())).toMatchObject({ error: 'http_502', status: 502, retryAfter: 0 })
    },
  )

  test('retry-after may be a date', async () => {
    vi.useFakeTimers({ now: Date.UTC(2024, 0, 1, 12, 0, 0) })
    const headers = { 'retry-after': 'Mon, 01 Jan 2024 12:00:30 GMT' }
    const { api } = setUp(() => json({}, { status: 503, headers }))
    expect((await failure(api.status())).retryAfter).toBe(30)
  })

  test('no reply at all', async () => {
    const { api } = setUp(() => Promise.reject(new TypeError('fetch failed')))
    expect(await failure(api.status())).toMatchObject({ error: 'unreachable', status: 0 })
  })

  test('a reply that is not JSON', async () => {
    const { api } = setUp(() => new Response('<html>'))
    expect(await failure(api.status())).toMatchObject({ error: 'bad_answer', status: 200 })
  })
})
