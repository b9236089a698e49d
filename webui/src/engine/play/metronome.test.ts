import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Timeline } from '../clock/timeline.ts'
import { fakePlayback } from '../testing/playback.ts'
import { roomState } from '../testing/room.ts'
import { LOOKAHEAD_MS } from './lookahead.ts'
import { Metronome } from './metronome.ts'

// 120 a minute in four from 1000 on, counted in for a bar: a beat is 500 ms.
const LINE: Timeline = { revision: 1, running: true, bpm: 120, beat0: -4, time0: 1000, meter: 4, bar0: -1 }

let band: ReturnType<typeof fakePlayback>

beforeEach(() => {
  band = fakePlayback({ ...roomState(), timeline: LINE })
  band.clock.at = 900
})

function metronome(as: 'student' | 'teacher' | 'stage', enabled = false): Metronome {
  const made = new Metronome({ ...band, as })
  made.enabled = enabled
  band.takeLog()
  return made
}

function until(moment: number): string[] {
  for (; band.clock.at < moment; band.clock.at += 25) band.tick()
  return band.takeLog()
}

test('clicks every beat once, the first of a bar with an accent', () => {
  metronome('teacher', true)
  const beats = Array.from({ length: 10 }, (_, i) => `click${i % 4 === 0 ? '!' : ''} ${1000 + i * 500}`)
  expect(until(5600)).toEqual(beats)
})

describe('while it is off', () => {
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
  band.clock.at = 1000 - LOOKAHEAD_MS - 10
  band.tick()
  expect(band.takeLog()).toEqual([])
  band.clock.at = 1000 - LOOKAHEAD_MS + 15
  band.tick()
  expect(band.takeLog()).toEqual(['click! 1000'])
})

describe('when the tempo changes', () => {
  test('clicks that have not begun are cancelled and scheduled again', () => {
    metronome('teacher', true)
    until(2900) // the beat at 3000 is scheduled
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    expect(band.takeLog()).toEqual(['no click 3000', 'click! 3000'])
    expect(until(5100)).toEqual(['click 4000', 'click 5000'])
  })

  test('nothing clicks after the end', () => {
    metronome('teacher', true)
    until(2900)
    band.change({ next: { ...LINE, revision: 2, running: false, time0: 3000 } })
    expect(band.takeLog()).toEqual(['no click 3000'])
    expect(until(6000)).toEqual([])
  })

  test('an event that does not concern the beat changes no click', () => {
    metronome('teacher', true)
    band.change({ quiet: true }) // the first change is the first plan
    until(2900)
    band.change({ quiet: false })
    expect(band.takeLog()).toEqual([])
  })
})

test('a page that slept does not click what it missed', () => {
  metronome('teacher', true)
  until(1200)
  band.clock.at = 60_000
  band.tick()
  expect(band.takeLog()).toEqual(['click 60000'])
})

test('without the box clock nothing clicks', () => {
  band.clock.synced = false
  metronome('stage', true)
  expect(until(4000)).toEqual([])
})

test('after its end nothing clicks, and scheduled clicks are cancelled', () => {
  const m = metronome('teacher', true)
  until(2900)
  m.dispose()
  expect(band.takeLog()).toEqual(['no click 3000'])
  expect(until(6000)).toEqual([])
})

describe('sound with a long latency', () => {
  beforeEach(() => {
    band.audioTime.latencyMs = 300
  })

  test('is scheduled earlier by it', () => {
    metronome('teacher', true)
    band.clock.at = 1000 - LOOKAHEAD_MS - 310
    band.tick()
    expect(band.takeLog()).toEqual([])
    band.clock.at += 25
    band.tick()
    expect(band.takeLog()).toEqual(['click! 1000'])
  })

  test('is left out when it would come late', () => {
    band.clock.at = 1250 // heard from 1550 on
    metronome('teacher', true)
    expect(until(1900)).toEqual(['click 2000'])
  })

  test('follows a change as long as it can be cancelled', () => {
    metronome('teacher', true)
    until(2600) // until 3150 is scheduled
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    expect(band.takeLog()).toEqual(['no click 3000', 'click! 3000'])
  })
})

test('when the audio clock jumps, clicks that have not begun are scheduled again', () => {
  metronome('teacher', true)
  until(2900)
  band.audioTime.moved.emit()
  expect(band.takeLog()).toEqual(['no click 3000', 'click! 3000'])
})

test('a device that joins at bar 57 clicks from the next beat on', () => {
  band.clock.synced = false
  metronome('teacher', true)
  band.clock.at = 1000 + 57 * 2000 + 130
  expect(until(band.clock.at + 60)).toEqual([]) // the clock is not known yet
  band.clock.synced = true
  expect(until(1000 + 57 * 2000 + 2300).join(', ')).toBe(
    'click 115500, click 116000, click 116500, click! 117000, click 117500',
  )
})

describe('a hidden page', () => {
  const page = Object.assign(new EventTarget(), { hidden: false })
  const show = (seen: boolean) => {
    page.hidden = !seen
    page.dispatchEvent(new Event('visibilitychange'))
  }

  beforeEach(() => {
    page.hidden = false
    vi.stubGlobal('document', page)
  })
  afterEach(() => void vi.unstubAllGlobals())

  test('clicks every beat once though it is woken once in three seconds, and when it is shown again', () => {
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

  test('follows a change among clicks that are already scheduled', () => {
    metronome('teacher', true)
    until(2010)
    show(false)
    expect(band.takeLog().at(-1)).toBe('click 6000')
    band.change({ next: { ...LINE, revision: 2, bpm: 60, beat0: 0, bar0: 0, time0: 3000 } })
    const told = band.takeLog()
    expect(told.filter((c) => c.startsWith('no'))).toHaveLength(8) // 2500 to 6000
    expect(
      told
        .filter((c) => c.startsWith('click'))
        .slice(0, 5)
        .join(', '),
    ).toBe('click 2500, click! 3000, click 4000, click 5000, click 6000')
  })
})

test('after the box clock was set back it clicks on', () => {
  metronome('teacher', true)
  until(100_000)
  band.clock.at = 50_100
  expect(until(50_400)).toEqual(['click 50500'])
})

test('clicks for another time are taken back when the box clock is lost, and when it is found', () => {
  metronome('teacher', true)
  until(1900)
  band.clock.searching = true
  band.clock.at += 20_000
  band.tick()
  expect(band.takeLog()).toEqual(['no click 2000', 'click 22000'])
  band.clock.searching = false
  band.clock.at += 30
  band.tick()
  expect(band.takeLog()).toEqual(['no click 22000', 'click 22000'])
})
