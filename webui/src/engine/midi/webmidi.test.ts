import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeMidi } from '../testing/midi.ts'
import { isForPrograms, WebMidi, webMidiSupport } from './webmidi.ts'

let played: string[]
let device: FakeMidi
let midi: WebMidi

const instrument = {
  press: (note: number, velocity: number) => void played.push(`${note}+${velocity}`),
  release: (note: number) => void played.push(`${note}-`),
  choose: () => {},
  scale: () => null,
  tuning: () => ({ fit: 'pass', octave: 0 }) as const,
}

beforeEach(() => {
  vi.useFakeTimers()
  played = []
  device = new FakeMidi()
  midi = new WebMidi(instrument, () => Promise.resolve(device as unknown as MIDIAccess))
})
afterEach(() => {
  midi.dispose()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('nothing is asked before a press', () => {
  const request = vi.fn(() => Promise.reject(new Error('not yet')))
  new WebMidi(instrument, request).dispose()
  expect(request).not.toHaveBeenCalled()
})

describe('keyboards', () => {
  test('play, those that are there and those that come', async () => {
    const first = device.plug('a')
    await midi.start()
    first.send(0x90, 60, 100)
    device.plug('b').send(0x90, 64, 90)
    expect(played).toEqual(['60+100', '64+90'])
    expect(midi.keyboards.value.map((k) => k.id)).toEqual(['a', 'b'])
  })
  test('end their notes when they are unplugged, and play again when they come back', async () => {
    const input = device.plug('a')
    await midi.start()
    input.send(0x90, 60, 100)
    device.unplug(input)
    expect(played).toEqual(['60+100', '60-'])
    expect(midi.keyboards.value).toEqual([])
    device.plug('a').send(0x90, 62, 100)
    expect(played.at(-1)).toBe('62+100')
  })
  test('end their notes when the page is left, and play no more', async () => {
    const input = device.plug('a')
    await midi.start()
    input.send(0x90, 60, 100)
    midi.dispose()
    input.send(0x90, 62, 100)
    expect(played).toEqual(['60+100', '60-'])
  })
  test('end their notes when the page is hidden, and play on when it is shown', async () => {
    const input = device.plug('a')
    await midi.start()
    input.send(0x90, 60, 100)
    midi.release()
    input.send(0x80, 60, 0)
    input.send(0x90, 62, 100)
    expect(played).toEqual(['60+100', '60-', '62+100'])
  })
  test('play no more once the student stops them, until they start them again', async () => {
    const input = device.plug('a')
    await midi.start()
    input.send(0x90, 60, 100)
    midi.stop()
    input.send(0x90, 62, 100)
    expect(played).toEqual(['60+100', '60-'])
    expect([midi.state.value, midi.keyboards.value]).toEqual(['off', []])
    await midi.start()
    input.send(0x90, 64, 100)
    expect(played.at(-1)).toBe('64+100')
  })
  test('light up while they are played', async () => {
    const input = device.plug('a')
    await midi.start()
    input.send(0x90, 60, 100)
    expect(midi.keyboards.value[0]?.playing).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(midi.keyboards.value[0]?.playing).toBe(false)
  })
})

describe('a browser that', () => {
  const stateOf = async (request: () => Promise<MIDIAccess>) => {
    midi = new WebMidi(instrument, request)
    await midi.start()
    return midi.state.value
  }
  const fails = (name: string) => () => Promise.reject(new DOMException('no', name))
  test('is not allowed to', async () => expect(await stateOf(fails('NotAllowedError'))).toBe('refused'))
  test('has no MIDI', async () => expect(await stateOf(fails('InvalidStateError'))).toBe('failed'))
  test('is asked again', async () => {
    let answers = 0
    const state = await stateOf(() => {
      answers++
      return answers === 1 ? fails('NotAllowedError')() : Promise.resolve(device as unknown as MIDIAccess)
    })
    expect(state).toBe('refused')
    await midi.start()
    expect(midi.state.value).toBe('on')
  })
})

test.each([
  [false, true, 'insecure'],
  [true, false, 'missing'],
  [true, true, 'yes'],
])('secure %s, with MIDI %s: %s', (secure, has, want) => {
  vi.stubGlobal('isSecureContext', secure)
  vi.stubGlobal('navigator', has ? { requestMIDIAccess: () => {} } : {})
  expect(webMidiSupport()).toBe(want)
})

test('ports for programs are those of the box', () => {
  const path = new URL('../../../../midi/testdata/portnames.json', import.meta.url)
  const names: { name: string; for_programs: boolean }[] = JSON.parse(readFileSync(path, 'utf8'))
  for (const { name, for_programs: want } of names) {
    expect(isForPrograms(name, 2), name).toBe(want)
    expect(isForPrograms(name, 1), name).toBe(false)
  }
})
