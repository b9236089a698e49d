import { expect, test } from 'vitest'
import { Api, type JoinRequest } from '../../engine/box/api.ts'
import { SeatStore } from '../../engine/box/seatstore.ts'
import { MemoryStore } from '../../engine/testing/store.ts'
import { resumeSeat, takeSeat } from './seat.ts'
import { VISITOR } from './visitor.ts'

test('a slip keeps the seat that this browser has', async () => {
  const { api, seatStore, asked } = setUp()
  seatStore.keep('SOLO-1234', { resume: 'secret', name: 'Red Lynx' })
  await takeSeat(api, seatStore, 'zolo 1234')
  expect(asked).toEqual([{ code: 'zolo 1234', resume: 'secret' }])
})

test('a seat in the room that was typed comes before that of the last room', async () => {
  const { api, seatStore, asked } = setUp()
  seatStore.keep('TUBA-1234', { resume: 'tuba', name: 'Blue Owl' })
  seatStore.keep('SOLO-1234', { resume: 'solo', name: 'Red Lynx' })
  await takeSeat(api, seatStore, 'tuba1234')
  expect(asked).toEqual([{ code: 'tuba1234', resume: 'tuba' }])
})

test('a browser without a seat sends no secret', async () => {
  const { api, seatStore, asked } = setUp()
  await takeSeat(api, seatStore, 'solo 1234')
  expect(asked).toEqual([{ code: 'solo 1234' }])
})

test('coming back means the same room and no other', async () => {
  const { api, seatStore, asked } = setUp()
  seatStore.keep('TOY-1', { resume: 'secret', name: 'Red Lynx' })
  await resumeSeat(api, seatStore, 'TOY-1')
  expect(asked).toEqual([{ code: 'TOY-1', exact: true, resume: 'secret' }])
})

/** A browser whose requests to join are kept, and answered with a seat in SOLO-1234. */
function setUp() {
  const asked: JoinRequest[] = []
  const answer = {
    token: 't',
    resume: 'secret',
    topic: 'music_room:SOLO-1234',
    room: { code: 'SOLO-1234', name: 'SOLO-1234' },
    member: { student_id: 's', seat: 0, name: 'Red Lynx', role: 'student' },
  }
  const api = new Api('http://box', async (_url, init) => {
    const { visitor, ...request } = JSON.parse(String(init?.body)) as JoinRequest
    expect(visitor).toBe(VISITOR)
    asked.push(request)
    return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } })
  })
  return { api, seatStore: new SeatStore(new MemoryStore(), new MemoryStore()), asked }
}
