import { afterEach, expect, test, vi } from 'vitest'
import { watchLeaving, watchWakes } from './wake.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test('a page wakes when it is shown, thawed or online again', () => {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  let wakes = 0
  const stop = watchWakes(() => {
    wakes++
  })
  document.dispatchEvent(new Event('visibilitychange'))
  expect(wakes).toBe(0)
  document.visibilityState = 'visible'
  document.dispatchEvent(new Event('visibilitychange'))
  document.dispatchEvent(new Event('resume'))
  window.dispatchEvent(new Event('online'))
  window.dispatchEvent(new Event('pageshow'))
  expect(wakes).toBe(4)
  stop()
  window.dispatchEvent(new Event('online'))
  document.dispatchEvent(new Event('visibilitychange'))
  expect(wakes).toBe(4)
})

test('a page leaves when it is hidden, frozen or closed', () => {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('window', window)
  vi.stubGlobal('document', document)
  let leaves = 0
  const stop = watchLeaving(() => {
    leaves++
  })
  document.dispatchEvent(new Event('visibilitychange'))
  expect(leaves).toBe(0)
  document.visibilityState = 'hidden'
  const events: [EventTarget, string][] = [
    [document, 'visibilitychange'],
    [document, 'freeze'],
    [window, 'pagehide'],
  ]
  for (const [target, name] of events) target.dispatchEvent(new Event(name))
  expect(leaves).toBe(3)
  stop()
  for (const [target, name] of events) target.dispatchEvent(new Event(name))
  expect(leaves).toBe(3)
})

test('outside a browser there is nothing to watch', () => {
  watchWakes(() => {})()
  watchLeaving(() => {})()
})
