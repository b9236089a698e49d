import { describe, expect, test } from 'vitest'
import { fromHex, type GoldenFrame, goldenFrames, seeded, toHex } from '../testing/golden.ts'
import { decodeText, encodeText } from './frames.ts'
import { decodeBroadcast, encodePush } from './push.ts'

const frames = goldenFrames().filter((f) => f.version === 2)
const texts = frames.filter((f) => f.text !== undefined)
const pushes = frames.filter((f) => f.hex?.startsWith('03') && f.direction === 'up')
const broadcasts = frames.filter((f) => f.hex !== undefined && f.direction === 'down')

function refs(f: GoldenFrame) {
  return { joinRef: f.join_ref ?? null, ref: f.ref ?? null }
}

describe('golden vectors', () => {
  test('are there', () => {
    expect(texts.length).toBeGreaterThan(3)
    expect(pushes.length).toBeGreaterThan(1)
    expect(broadcasts.length).toBeGreaterThan(1)
  })

  test.each(texts)('text: $name', (f) => {
    const want = { ...refs(f), topic: f.topic, event: f.event, payload: f.payload }
    expect(decodeText(f.text ?? '')).toEqual(want)
    expect(decodeText(encodeText(want))).toEqual(want)
  })

  test.each(pushes)('kind 3: $name', (f) => {
    const got = encodePush({
      joinRef: f.join_ref ?? '',
      ref: f.ref ?? '',
      topic: f.topic,
      event: f.event,
      meta: f.meta ? JSON.stringify(f.meta) : '',
      payload: f.encoding === 'binary' ? fromHex(f.bytes ?? '') : { json: f.payload },
    })
    expect(toHex(got)).toBe(f.hex)
  })

  test.each(broadcasts)('kind 4: $name', (f) => {
    const got = decodeBroadcast(fromHex(f.hex ?? ''))
    expect(got).toMatchObject({ topic: f.topic, event: f.event, meta: f.meta ?? null, encoding: f.encoding })
    if (got?.encoding === 'binary') expect(toHex(got.bytes)).toBe(f.bytes)
    if (got?.encoding === 'json') expect(got.payload).toEqual(f.payload)
  })
})

describe('no text frames', () => {
  test.each([
    '',
    'null',
    '{}',
    '"x"',
    '[]',
    '[null,null,"t","e"]',
    '[null,null,"t","e",{},1]',
    '[1,null,"t","e",{}]',
    '[null,true,"t","e",{}]',
    '[null,null,"","e",{}]',
    '[null,null,"t","",{}]',
    '[null,null,3,"e",{}]',
    '[null,null,"t",null,{}]',
    '[null,null,"t","e",{}',
  ])('%s', (text) => expect(decodeText(text)).toBeNull())
})

describe('no binary frames', () => {
  test.each([
    ['empty', ''],
    ['a header that ends', '04010100'],
    ['kind 2, which Supabase clients cannot read either', '020a0974'],
    ['kind 3 down', '0301010e0400013638'],
    ['an unknown encoding', '040101000274657b7d'],
    ['a topic beyond the end', '04ff010000746578'],
    ['no topic', '040001000065'],
    ['no event', '040100000074'],
    ['a topic that is not UTF-8', '0401010000ff65'],
    ['metadata that is not JSON', '040101010074657b'],
    ['metadata that is a list', '040101020074655b5d'],
    ['a payload that is not JSON', '040101000174657b'],
    ['a payload that is not UTF-8', '040101000174652280ff22'],
    ['an empty payload said to be JSON', '04010100017465'],
  ])('%s', (_, hex) => expect(decodeBroadcast(fromHex(hex))).toBeNull())
})

test('a payload is a view that respects its offset', () => {
  const frame = fromHex('ffff04010100007465aabb').subarray(2)
  const got = decodeBroadcast(frame)
  expect(got?.encoding === 'binary' && toHex(got.bytes)).toBe('aabb')
})

test('fields are counted in bytes of UTF-8, up to 255', () => {
  const push = { joinRef: '1', ref: '2', event: 'e', payload: new Uint8Array() }
  expect(encodePush({ ...push, topic: 'é'.repeat(127) })[3]).toBe(254)
  expect(() => encodePush({ ...push, topic: 'é'.repeat(128) })).toThrow(RangeError)
})

test('any bytes give a frame or null', () => {
  const random = seeded(1)
  const seeds = broadcasts.map((f) => fromHex(f.hex ?? ''))
  for (let i = 0; i < 20_000; i++) {
    const bytes = (seeds[i % seeds.length] ?? new Uint8Array()).slice(0, 1 + Math.floor(random() * 60))
    for (let n = 0; n < 3; n++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    bytes[0] = 4
    const got = decodeBroadcast(bytes)
    if (got) expect(got.topic.length * got.event.length).toBeGreaterThan(0)
    decodeText(String.fromCharCode(...bytes))
  }
})
