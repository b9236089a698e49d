import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person, waitForSilence, waitForSound } from './rig/browser.ts'
import { look } from './rig/look.ts'
import { claim, join, joinAs } from './rig/people.ts'

// Students play the MIDI keyboards of their own devices. Browsers allow that on secure origins, of which
// 127.0.0.1 is one. Chromium finds keyboards through the sequencer of ALSA. Machines for tests seldom have
// one, so the keyboard that plays here is made of scripts in the page.

let box: Box
let browser: Browser
let code: string
let teacher: Page

beforeAll(async () => {
  box = await Box.start('serve', '--midi-devices', 'none')
  browser = await launch()
  const came = await claim(browser, box, 'Music')
  code = came.code
  teacher = came.page
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

/** Opens the dialog of a student's keyboard. */
async function openDialog(page: Page) {
  await page.getByRole('button', { name: 'My keyboard' }).click()
  return page.getByRole('dialog')
}

/** Joins from a secure origin. scripts run in the page before its own code. */
async function joinSecurely(...scripts: (() => void)[]) {
  const person = await Person.create(browser)
  for (const script of scripts) await person.context.addInitScript(script)
  return joinAs(person, { url: box.local }, code)
}

/** Gives the page a device with one keyboard, as Web MIDI shows it: window.device. */
function oneKeyboard(): void {
  const input = Object.assign(new EventTarget(), {
    id: 'one',
    name: 'KeyStep 32',
    state: 'connected',
    open: () => Promise.resolve(),
  })
  const access = Object.assign(new EventTarget(), { inputs: new Map([['one', input]]) })
  navigator.requestMIDIAccess = () => Promise.resolve(access as unknown as MIDIAccess)
  const device = {
    send: (...bytes: number[]) =>
      input.dispatchEvent(Object.assign(new Event('midimessage'), { data: Uint8Array.from(bytes) })),
    unplug: () => {
      input.state = 'disconnected'
      access.dispatchEvent(new Event('statechange'))
    },
  }
  Object.assign(window, { device })
}

/** What the script above gives the page. */
type Device = { device: { send(...bytes: number[]): void; unplug(): void } }

function send(page: Page, ...bytes: number[]): Promise<void> {
  return page.evaluate((all) => (window as unknown as Device).device.send(...all), bytes)
}

test('on plain http a sentence says what to do', { timeout: 60_000 }, async () => {
  const { page } = await join(browser, box, code)
  const dialog = await openDialog(page)
  await dialog.getByText('or ask your school to set up https').waitFor()
  await look(page, 'play-midi-insecure')
})

test('the browser’s own MIDI is asked for on a press', { timeout: 90_000 }, async () => {
  const { page, person } = await joinSecurely()
  const dialog = await openDialog(page)
  const use = dialog.getByRole('button', { name: 'Use a keyboard on this device' })
  await use.click()
  await dialog.getByText('Your browser said no').waitFor()
  await look(page, 'play-midi-refused')
  await person.context.grantPermissions(['midi', 'midi-sysex']) // Chromium needs both for any MIDI
  await use.click()
  // Without a sequencer there is no MIDI at all, with one there is no keyboard.
  await dialog.getByText(/This device finds no keyboards|Plug your keyboard into this device/).waitFor()
  expect(person.errors).toEqual([])
})

test('a keyboard of the device plays here and elsewhere', { timeout: 120_000 }, async () => {
  await teacher.getByRole('radio', { name: 'Everyone' }).check({ force: true })
  const zoe = await joinSecurely(oneKeyboard)
  const ben = await join(browser, box, code)
  const dialog = await openDialog(zoe.page)
  await dialog.getByRole('button', { name: 'Use a keyboard on this device' }).click()
  await dialog.getByText('KeyStep 32', { exact: true }).waitFor()
  await waitForSilence(ben.page)
  await send(zoe.page, 0x90, 60, 120)
  await waitForSound(zoe.page)
  await waitForSound(ben.page)
  await look(zoe.page, 'play-midi')
  await zoe.page.evaluate(() => (window as unknown as Device).device.unplug())
  await waitForSilence(zoe.page)
  await waitForSilence(ben.page)
  await dialog.getByText('Plug your keyboard into this device').waitFor()
  expect([...zoe.person.errors, ...ben.person.errors]).toEqual([])
})
