import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStore } from '../testing/store.ts'
import type { Visit } from './api.ts'
import { VISIT_MS, VisitReports, visitorId } from './visit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a tab keeps its id', () => {
  const tab = new MemoryStore()
  const id = visitorId(tab)
  expect(id).not.toBe('')
  expect(visitorId(tab)).toBe(id)
  expect(visitorId(new MemoryStore())).not.toBe(id)
})

test('reports until it is disposed of, and shows the letter', async () => {
  const seen: Visit[] = []
  const answers = ['B', 'offline', 'C']
  const visit = (v: Visit) => {
    seen.push(v)
    const answer = answers[seen.length - 1] ?? ''
    return answer === 'offline' ? Promise.reject(new Error(answer)) : Promise.resolve(answer)
  }
  const reports = new VisitReports({ visit }, 'MUSIC-2024', 'id')
  reports.start()
  const marks: string[] = []
  for (let i = 0; i < 3; i++) {
    await vi.advanceTimersByTimeAsync(i === 0 ? 0 : VISIT_MS)
    marks.push(reports.mark.value)
  }
  expect(marks).toEqual(['B', 'B', 'C'])
  reports.dispose()
  await vi.advanceTimersByTimeAsync(10 * VISIT_MS)
  expect(seen).toEqual(Array(3).fill({ visitor: 'id', code: 'MUSIC-2024' }))
})
