import { expect, test } from 'vitest'
import { isPlanChange, PlanRows, parsePlanRow } from './rows.ts'
import type { Plan } from './types.ts'

const plan: Plan = {
  downbeat_lesson: 1,
  title: { en: 'Steady beat', es: 'Pulso firme' },
  steps: [{ activity: 'play', do: 'Play.', minutes: 2 }],
}
const row = { id: 'a', title: 'Steady beat', body: plan, updated_at: '2026-11-30T20:00:00.123456+00:00' }

/** Returns the table of a box that answers with some rows, and the requests that it gets. */
function tableOf(rows: unknown, status = 200) {
  const asked: { url: string; init: RequestInit | undefined }[] = []
  const table = new PlanRows('http://box', async (url, init) => {
    asked.push({ url: `${url}`, init })
    return new Response(JSON.stringify(rows), { status })
  })
  return { table, asked }
}

test('a plan is added with the title in English for other programs', async () => {
  const { table, asked } = tableOf([row], 201)
  expect(await table.add(plan, 'key')).toEqual({
    id: 'a',
    title: 'Steady beat',
    saved: row.updated_at,
    plan,
    brought: false,
  })
  expect(asked[0]?.init?.method).toBe('POST')
  expect(JSON.parse(`${asked[0]?.init?.body}`)).toEqual({ title: 'Steady beat', body: plan })
})

test('a plan is replaced only in the version that was read', async () => {
  const { table, asked } = tableOf([row])
  expect((await table.replace('a', row.updated_at, plan, 'key'))?.saved).toBe(row.updated_at)
  const { searchParams } = new URL(asked[0]?.url ?? '')
  expect(searchParams.get('id')).toBe('eq.a')
  expect(searchParams.get('updated_at')).toBe(`eq.${row.updated_at}`)
  expect(await tableOf([]).table.replace('a', row.updated_at, plan, 'key')).toBeNull()
})

test('what the box refuses is no success', async () => {
  for (const status of [401, 413, 500]) {
    const { table } = tableOf({ message: 'no' }, status)
    await expect(table.add(plan, 'key')).rejects.toThrow(`${status}`)
    await expect(table.replace('a', 'then', plan, 'key')).rejects.toThrow(`${status}`)
    await expect(table.remove('a', 'key')).rejects.toThrow(`${status}`)
  }
  await expect(tableOf([]).table.add(plan, 'key')).rejects.toThrow('no plan')
})

test('a row of another program is shown, and cannot be taught', () => {
  expect(parsePlanRow({ ...row, body: 7 }, false)).toMatchObject({
    title: 'Steady beat',
    plan: { field: 'kind' },
  })
  expect(parsePlanRow({ ...row, body: { ...plan, title: undefined } }, false)?.plan).toMatchObject({
    field: 'title',
  })
  for (const nonsense of [null, 7, {}, { id: 1, title: 'a' }])
    expect(parsePlanRow(nonsense, false)).toBeNull()
})

test('changes of other tables are not about plans', () => {
  expect(isPlanChange({ data: { table: 'lesson_plans', type: 'UPDATE' } })).toBe(true)
  for (const other of [null, {}, { data: null }, { data: { table: 'reflections' } }]) {
    expect(isPlanChange(other)).toBe(false)
  }
})
