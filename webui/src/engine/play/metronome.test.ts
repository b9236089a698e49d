import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Timeline } from '../room/types.ts'
import { fakeBand } from '../testing/playback.ts'
import { roomState } from '../testing/room.ts'
import { AHEAD_MS } from './lookahead.ts'
import { Metronome } from './metronome.ts'

// 120 a minute in four from 1000 on, counted in for a bar: a beat is 500 ms.
const LINE: Timeline = { revision: 1, running: true, bpm: 120, beat0: -4, time0: 1000, meter: 4, bar0: -1 }

let band: ReturnType<typeof fakeBand>

beforeEach(() => {
  band = fakeBand({ ...roomState(), timeline: LINE })
  band.clock.at = 900
})

function metronome(as: 'student' | 'teacher' | 'stage', enabled = false): Metronome {
  const made = new Metronome({ ...band, as })
  made.enabled = enabled
  band.told()
  return made
}

function until(moment: number): string[] {
  for (; band.clock.at < moment; band.clock.at += 25) band.tick()
  return band.told()
}

test('clicks every beat once, the first of a bar with an accent', () => {
  metronome('teacher', true)
  expect(until(5600)).toEqual([
    'click! 1000',
    'click 1500',
    'click 2000',
    'click 2500',
    'click! 3000',
    'click 3500',
    'click 4000',
    'click 4500',
    'click! 5000',
    'click 5500',
  ])
})

describe('when it is off', () => {
  test.each([
    ['stage', 4],
    ['teacher', 4],
    ['student', 0],
  ] as const)('%s hears the count-in: %i clicks', (as, clicks) => {
    metronome(as)
    expect(until(8000)).toHaveLength(clicks)
  })
})

test('clicks are scheduled as far ahead as notes', () => {
  metronome('stage')
  band.clock.at = 1000 - AHEAD_MS - 10
  band.tick()
  expect(band.told()).toEqual([])
  band.clock.at = 1000 - AHEAD_MS + 15
  band.tick()
  expect(band.told()).toEqual(['click! 1000'])
})

describe('when the music changes', () => {
  test('what has not begun is called off and planned anew', () => {
    metronome('teacher', true)
    until(2900) // the beat at 3000 is scheduled
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    expect(band.told()).toEqual(['no click 3000', 'click! 3000'])
    expect(until(5100)).toEqual(['click 4000', 'click 5000'])
  })

  test('nothing clicks after the end', () => {
    metronome('teacher', true)
    until(2900)
    band.change({ next: { ...LINE, revision: 2, running: false, time0: 3000 } })
    expect(band.told()).toEqual(['no click 3000'])
    expect(until(6000)).toEqual([])
  })

  test('what has nothing to do with the beat changes no click', () => {
    metronome('teacher', true)
    band.change({ quiet: true }) // the first change is the first plan
    until(2900)
    band.change({ quiet: false })
    expect(band.told()).toEqual([])
  })
})

test('a page that slept does not click what it missed', () => {
  metronome('teacher', true)
  until(1200)
  band.clock.at = 60_000
  band.tick()
  expect(band.told()).toEqual(['click 60000'])
})

test('without the time of the box nothing clicks', () => {
  band.clock.synced = false
  metronome('stage', true)
  expect(until(4000)).toEqual([])
})

test('after its end nothing clicks, and what was planned is called off', () => {
  const m = metronome('teacher', true)
  until(2900)
  m.dispose()
  expect(band.told()).toEqual(['no click 3000'])
  expect(until(6000)).toEqual([])
})

describe('sound that takes long to the ear', () => {
  beforeEach(() => {
    band.audioTime.latencyMs = 300
  })

  test('is scheduled so much earlier', () => {
    metronome('teacher', true)
    band.clock.at = 1000 - AHEAD_MS - 310
    band.tick()
    expect(band.told()).toEqual([])
    band.clock.at += 25
    band.tick()
    expect(band.told()).toEqual(['click! 1000'])
  })

  test('is left out when it would come late', () => {
    band.clock.at = 1250 // heard from 1550 on
    metronome('teacher', true)
    expect(until(1900)).toEqual(['click 2000'])
  })

  test('changes with the music as long as it can be called off', () => {
    metronome('teacher', true)
    until(2600) // until 3150 is scheduled
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    expect(band.told()).toEqual(['no click 3000', 'click! 3000'])
  })
})

test('when the line to the loudspeaker has moved, what has not begun is planned anew', () => {
  metronome('teacher', true)
  until(2900)
  band.audioTime.moved.emit()
  expect(band.told()).toEqual(['no click 3000', 'click! 3000'])
})

test('who comes at bar 57 clicks from the next beat on, on the beat', () => {
  band.clock.synced = false
  metronome('teacher', true)
  band.clock.at = 1000 + 57 * 2000 + 130
  expect(until(band.clock.at + 60)).toEqual([]) // the clock is not known yet
  band.clock.synced = true
  expect(until(1000 + 57 * 2000 + 2300)).toEqual([
    'click 115500',
    'click 116000',
    'click 116500',
    'click! 117000',
    'click 117500',
  ])
})

describe('a page that nobody sees', () => {
  const page = Object.assign(new EventTarget(), { hidden: false })
  const show = (seen: boolean) => {
    page.hidden = !seen
    page.dispatchEvent(new Event('visibilitychange'))
  }

  beforeEach(() => {
    page.hidden = false
    vi.stubGlobal('document', page)
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  test('clicks every beat once though it is woken once in three seconds, and when it is seen again', () => {
    metronome('teacher', true)
    const clicks = until(2010)
    show(false)
    for (const end = band.clock.at + 60_000; band.clock.at < end; band.clock.at += 3000) band.tick()
    show(true)
    clicks.push(...until(70_000))
    const beats = clicks.filter((c) => c.startsWith('click')).map((c) => Number(c.split(' ')[1]))
    expect(beats).toEqual(beats.map((_, i) => 1000 + i * 500))
    expect(clicks.filter((c) => c.startsWith('no'))).toEqual([])
  })

  test('follows a change of the music among what is scheduled already', () => {
    metronome('teacher', true)
    until(2010)
    show(false)
    expect(band.told().at(-1)).toBe('click 6000')
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    const told = band.told()
    expect(told.filter((c) => c.startsWith('no'))).toHaveLength(8) // 2500 to 6000
    expect(told.filter((c) => c.startsWith('click')).slice(0, 5)).toEqual([
      'click 2500',
      'click! 3000',
      'click 4000',
      'click 5000',
      'click 6000',
    ])
  })
})

test('a box clock that was set back clicks on', () => {
  metronome('teacher', true)
  until(100_000)
  band.clock.at = 50_100
  expect(until(50_400)).toEqual(['click 50500'])
})
