import { afterEach, expect, test, vi } from 'vitest'
import { openAudio } from './context.ts'

afterEach(() => vi.unstubAllGlobals())

test('a page says that it plays music, where a browser asks', () => {
  class FakeContext {}
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal('navigator', {})
  expect(openAudio()).toBeInstanceOf(FakeContext)
  const audioSession = { type: 'auto' }
  vi.stubGlobal('navigator', { audioSession })
  expect(openAudio()).toBeInstanceOf(FakeContext)
  expect(audioSession.type).toBe('playback')
})
