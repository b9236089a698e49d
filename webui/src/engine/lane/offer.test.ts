import { describe, expect, test, vi } from 'vitest'
import { laneAddress, OfferError, postOffer } from './offer.ts'

describe('addresses', () => {
  test.each([
    ['ws://box/realtime/v1/websocket?apikey=tok&vsn=2.0.0', 'http://box/rtc/v1/offer?link=ab'],
    ['wss://box:8443/socket/websocket?vsn=2.0.0&apikey=tok', 'https://box:8443/rtc/v1/offer?link=ab'],
    ['ws://school/box/realtime/v1/websocket?apikey=tok&vsn=2.0.0', 'http://school/box/rtc/v1/offer?link=ab'],
  ])('%s', (url, offer) => {
    const address = laneAddress(url, 'ab')
    expect(address).toEqual({ socket: `${url}&link=ab`, offer, token: 'tok' })
  })

  test.each([
    ['the old serializer', 'ws://box/realtime/v1/websocket?apikey=tok&vsn=1.0.0'],
    ['no token', 'ws://box/realtime/v1/websocket?vsn=2.0.0'],
    ['another path', 'ws://box/elsewhere?apikey=tok&vsn=2.0.0'],
  ])('a socket with %s has no lane', (_, url) => expect(laneAddress(url)).toBeNull())

  test('links are 32 digits, and differ each time', () => {
    const link = () =>
      new URL(laneAddress('ws://box/socket/websocket?apikey=t&vsn=2.0.0')?.offer ?? '').searchParams.get(
        'link',
      )
    expect(link()).toMatch(/^[0-9a-f]{32}$/)
    expect(link()).not.toBe(link())
  })
})

describe('an offer', () => {
  const address = { socket: 'ws://box/', offer: 'http://box/rtc/v1/offer?link=ab', token: 'tok' }
  const post = (response: Response | Error) => {
    const fetcher = vi.fn<typeof fetch>(async () => {
      if (response instanceof Error) throw response
      return response
    })
    return { fetcher, answer: postOffer(address, 3, 'v=0 offer', fetcher) }
  }

  test('is posted as SDP with the token, and answered', async () => {
    const { fetcher, answer } = post(new Response('v=0 answer', { status: 201 }))
    expect(await answer).toBe('v=0 answer')
    expect(fetcher.mock.calls[0]).toMatchObject([
      'http://box/rtc/v1/offer?link=ab&lane=3',
      {
        method: 'POST',
        body: 'v=0 offer',
        headers: { authorization: 'Bearer tok', 'content-type': 'application/sdp' },
      },
    ])
  })

  test.each([
    [503, '{"code":"no_lane","message":"x"}', 'no_lane', true],
    [403, '{"code":"not_yours"}', 'not_yours', true],
    [404, '{"code":"no_link"}', 'no_link', false],
    [429, '{"code":"too_fast"}', 'too_fast', false],
    [502, '<html>', 'refused', false],
    [200, 'null', 'refused', false],
  ])('%d %s', async (status, said, code, isFinal) => {
    const error: unknown = await post(new Response(said, { status })).answer.catch((e: unknown) => e)
    expect(error).toBeInstanceOf(OfferError)
    expect(error).toMatchObject({ status, code, isFinal })
  })

  test('without a reply is retried', async () => {
    const error: unknown = await post(new TypeError('no route')).answer.catch((e: unknown) => e)
    expect(error).toMatchObject({ status: 0, code: 'unreachable', isFinal: false })
  })
})
