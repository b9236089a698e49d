import { expect, test } from 'vitest'
import { fetchRefusal, socketUrl } from './upgrade.ts'

test.each([
  ['http://192.168.1.20:8080', 'ws://192.168.1.20:8080/realtime/v1/websocket?apikey=a.b&vsn=2.0.0&frames=1'],
  ['https://box.school', 'wss://box.school/realtime/v1/websocket?apikey=a.b&vsn=2.0.0&frames=1'],
])('%s', (origin, want) => expect(socketUrl(origin, 'a.b')).toBe(want))

test.each([
  [401, '{"error":"Token has expired"}', 'Token has expired'],
  [403, '{}', 'refused'],
  [401, '<html>', null],
  [400, 'This address speaks WebSocket.', null],
  [429, '{"error":"Too many connected users"}', null],
  [503, '', null],
])('%d %s', async (status, body, want) => {
  let asked = ''
  const why = await fetchRefusal('ws://box/socket?apikey=x', async (url) => {
    asked = String(url)
    return new Response(body, { status })
  })
  expect(asked).toBe('http://box/socket?apikey=x')
  expect(why).toBe(want)
})

test('an unreachable box gives no reason', async () => {
  expect(await fetchRefusal('ws://box', () => Promise.reject(new TypeError()))).toBeNull()
})
