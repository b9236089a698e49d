import { describe, expect, it } from 'vitest'
import { since } from './since.ts'

describe('since', () => {
  const now = new Date(2026, 10, 27, 10, 0) // a Friday

  it('names the time today', () =>
    expect(since(new Date(2026, 10, 27, 9, 14), now, 'es')).toEqual({ kind: 'time', text: '09:14' }))

  it('names the weekday this week', () => {
    expect(since(new Date(2026, 10, 24, 15, 0), now, 'en')).toEqual({ kind: 'weekday', text: 'Tuesday' })
    expect(since(new Date(2026, 10, 24, 15, 0), now, 'es')).toEqual({ kind: 'weekday', text: 'martes' })
  })

  it('names the date before', () =>
    expect(since(new Date(2026, 10, 20, 15, 0), now, 'en')).toEqual({ kind: 'date', text: 'November 20' }))

  it('names the date if the clock of the box is ahead', () =>
    expect(since(new Date(2027, 0, 2), now, 'en')).toEqual({ kind: 'date', text: 'January 2' }))
})
