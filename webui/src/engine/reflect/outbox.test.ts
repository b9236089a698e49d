import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Backoff } from '../net/backoff.ts'
import type { Store } from '../storage.ts'
import { MemoryStore } from '../testing/store.ts'
import { ReflectionOutbox } from './outbox.ts'
import type { Reflection } from './reflection.ts'
import { parseReflectionChange, ReflectionRows, type Verdict } from './rows.ts'
import { uuidv7 } from './uuidv7.ts'

const row = (id: string, student = 'ada'): Reflection => ({
  id,
  session_id: 'session',
  student_id: student,
  prompt: 'easy_moment',
  text: `words of ${id}`,
  feeling: 4,
  from_bar: 0,
  to_bar: 7,
  shared: false,
  talk: false,
})

/** An outbox whose box gives these verdicts, in turn; the last one repeats. */
function outbox(verdicts: Verdict[], store: Store = new MemoryStore()) {
  const sent: string[] = []
  let wake = () => {}
  const box = new ReflectionOutbox({
    send: async (r, token) => {
      sent.push(`${r.id} by ${token}`)
      return (verdicts.length > 1 ? verdicts.shift() : verdicts[0]) ?? 'later'
    },
    store,
    backoff: new Backoff(() => 0.5, [1000]),
    watchWakes: (fn) => {
      wake = fn
      return () => {}
    },
  })
  return { box, sent, store, wake: () => wake() }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const settled = () => vi.advanceTimersByTimeAsync(0)

test('a reflection is sent until the box has kept it', async () => {
  const { box, sent } = outbox(['later', 'later', 'kept'])
  box.add(row('a'), 'token')
  expect([box.state.value.get('a'), box.unkept]).toEqual(['waiting', true])
  await vi.advanceTimersByTimeAsync(999)
  expect(sent).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1001)
  expect(sent).toHaveLength(3)
  expect([box.state.value.get('a'), box.unkept]).toEqual(['kept', false])
})

test('a wake sends at once', async () => {
  const { box, sent, wake } = outbox(['later', 'kept'])
  box.add(row('a'), 'token')
  await settled()
  wake()
  await settled()
  expect([sent.length, box.unkept]).toEqual([2, false])
})

test('words survive the page, and what is kept is forgotten', async () => {
  const first = outbox(['later'])
  first.box.add(row('a'), 'old')
  await settled()
  first.box.close()
  const second = outbox(['kept'], first.store)
  await settled()
  expect(second.sent).toEqual(['a by old'])
  expect(second.box.unkept).toBe(false)
  const third = outbox(['kept'], first.store)
  await settled()
  expect(third.sent).toEqual([])
})

test('two tabs of one browser erase none of their words', async () => {
  const first = outbox(['later'])
  const second = outbox(['later', 'kept'], first.store)
  const stored = () =>
    JSON.parse(first.store.getItem('downbeat.reflections') ?? '[]').map(
      (w: { row: Reflection; token: string }) => `${w.row.id} by ${w.token}`,
    )
  first.box.add(row('a'), 'token')
  second.box.add(row('b', 'ben'), 'token')
  await settled()
  expect(stored()).toEqual(['a by token', 'b by token'])
  first.box.renew('ben', 'new')
  second.box.renew('cleo', 'of cleo')
  await settled()
  expect([stored(), second.box.unkept]).toEqual([[], false])
})

test('a tab that settles its own words leaves those of another', async () => {
  const first = outbox(['kept', 'later'])
  const second = outbox(['later'], first.store)
  first.box.add(row('a'), 'token')
  second.box.add(row('b'), 'token')
  await settled()
  const saved = JSON.parse(first.store.getItem('downbeat.reflections') ?? '[]')
  expect(saved.map((w: { row: Reflection }) => w.row.id)).toEqual(['b'])
})

test('a tab with nothing to change writes nothing', async () => {
  const store = new MemoryStore()
  const writes: string[] = []
  const watched: Store = {
    getItem: (key) => store.getItem(key),
    setItem: (key) => void writes.push(key),
    removeItem: (key) => void writes.push(key),
  }
  const before = outbox(['later'], watched)
  outbox(['later'], store).box.add(row('a'), 'token')
  const after = outbox(['later'], watched)
  for (const { box } of [before, after]) box.renew('ben', 'of ben')
  await settled()
  expect(writes).toEqual([])
})

test('nonsense in the store is ignored', async () => {
  for (const saved of ['', 'x', '{}', '[1]', '[{"token":"t"}]', '[{"token":"t","row":{"id":1}}]']) {
    const store = new MemoryStore()
    store.setItem('downbeat.reflections', saved)
    expect(outbox(['kept'], store).box.unkept).toBe(false)
  }
})

test('without storage it still sends', async () => {
  const broken = () => {
    throw new Error('storage is switched off')
  }
  const { box } = outbox(['kept'], { getItem: broken, setItem: broken, removeItem: broken })
  box.add(row('a'), 'token')
  await settled()
  expect(box.state.value.get('a')).toBe('kept')
})

test('a refused reflection holds up no other', async () => {
  const { box, sent } = outbox(['refused', 'kept'])
  box.add(row('a'), 'token')
  box.add(row('b'), 'token')
  await settled()
  expect(sent).toEqual(['a by token', 'b by token'])
  expect([...box.state.value]).toEqual([
    ['a', 'refused'],
    ['b', 'kept'],
  ])
})

test('an old token is replaced by a newer one of the same student', async () => {
  const { box, sent } = outbox(['token', 'token', 'kept'])
  box.add(row('a'), 'old')
  await settled()
  box.renew('ben', 'of ben')
  await settled()
  box.renew('ada', 'new')
  await settled()
  expect(sent).toEqual(['a by old', 'a by old', 'a by new'])
  expect(box.unkept).toBe(false)
})

test('what the answers of the box mean', async () => {
  const verdicts: Record<number, Verdict> = {
    200: 'kept',
    201: 'kept',
    400: 'refused',
    401: 'token',
    403: 'refused',
    413: 'refused',
    429: 'later',
    500: 'later',
  }
  for (const [status, verdict] of Object.entries(verdicts)) {
    const rows = new ReflectionRows('', async () => new Response(null, { status: Number(status) }))
    expect([status, await rows.insert(row('a'), 'token')]).toEqual([status, verdict])
  }
  const away = new ReflectionRows('', async () => {
    throw new TypeError('no network')
  })
  expect(await away.insert(row('a'), 'token')).toBe('later')
})

test('changes of the table', () => {
  const record = { ...row('a'), created_at: '2026-11-30T10:00:00+00:00' }
  const data = { table: 'reflections', type: 'INSERT', record }
  expect(parseReflectionChange({ data })).toEqual({ inserted: record })
  expect(parseReflectionChange({ data: { ...data, type: 'DELETE', old_record: { id: 'a' } } })).toEqual({
    deleted: 'a',
  })
  expect(parseReflectionChange({ data: { ...data, type: 'DELETE', old_record: {} } })).toBeNull()
  expect(parseReflectionChange({ data: { ...data, table: 'lesson_plans' } })).toBeNull()
  expect(parseReflectionChange({ data: { ...data, record: null } })).toBeNull()
  expect(parseReflectionChange(null)).toBeNull()
})

test('ids sort by time', () => {
  const early = uuidv7(1_700_000_000_000)
  expect(early).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(uuidv7(1_700_000_000_001) > early).toBe(true)
})
