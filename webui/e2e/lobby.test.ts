import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, Person, playKey, takePictures } from './rig/browser.ts'
import { look, lookForced } from './rig/look.ts'
import { claim, joinAs, nameOf } from './rig/people.ts'
import { SlowLine } from './rig/slowline.ts'
import { steps } from './rig/steps.ts'

// "Is everyone in?": what the teacher's page and the stage say of devices that come in, and of those
// that do not. The tests are the steps of one lesson. After a step fails the rest is skipped.

/** How long a page may take to show what happened, ms. A device that vanished is missed after 15 s. */
const SHOWN_MS = 45_000

let browser: Browser
let box: Box
let code: string
const people: Person[] = []
let teacher: Page
let stage: Page
let line: SlowLine | undefined

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
})

afterAll(async () => {
  await browser?.close()
  line?.stop()
  await box?.stop()
})

steps(() => takePictures(people, 'lobby-failed'))

async function comer(...scripts: (() => void)[]): Promise<Person> {
  const person = await Person.create(browser)
  for (const script of scripts) await person.context.addInitScript(script)
  people.push(person)
  return person
}

/** Waits until the list of those who need help has a line with these texts. Returns it. */
async function stuck(page: Page, ...texts: string[]) {
  let line = page.getByRole('list', { name: 'Who needs help' }).first().getByRole('listitem')
  for (const text of texts) line = line.filter({ hasText: text })
  await line.waitFor({ timeout: SHOWN_MS })
  return line
}

async function nobodyIsStuck(page: Page): Promise<void> {
  await page.getByRole('list', { name: 'Who needs help' }).waitFor({ state: 'detached', timeout: SHOWN_MS })
}

test('the teacher says how many come', async () => {
  const came = await claim(browser, box, 'Music')
  people.push(came.person)
  teacher = came.page
  code = came.code
  stage = await came.person.open(`${box.url}/stage?room=${code}`)
  await stage.getByText('0 here').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('j')
  await teacher.getByLabel('How many students come?').fill('4')
  await teacher.getByText('0 of 4 are in').waitFor({ timeout: SHOWN_MS })
  await teacher.getByRole('button', { name: 'Done' }).click()
  await teacher.getByText('0 of 4 students here').waitFor()
  await stage.getByText('0 of 4 here').waitFor({ timeout: SHOWN_MS })
})

test('a wrong code, found by the letter on the screen', async () => {
  const person = await comer()
  const page = await person.open(`${box.url}/`)
  const letter = (await page.getByText(/^This screen is/).textContent({ timeout: SHOWN_MS }))?.at(-1) ?? ''
  expect(letter).toMatch(/^[A-Z]$/)
  await page.getByLabel('Room code').fill('clarinet 5678')
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByText('No room has that code').waitFor()
  await stuck(teacher, `Screen ${letter}`, 'Wrong code', 'typed CLARINET 5678')
  await stuck(stage, `Screen ${letter}`, 'Wrong code')
  expect(await stage.getByText('CLARINET').count(), 'what was typed, on the stage').toBe(0)
  await teacher.getByRole('button', { name: /1 needs help/ }).click()
  await teacher.getByText('1 has the page').waitFor()
  await look(teacher, 'teacher-whoisin')
  await teacher.keyboard.press('Escape')

  // A reload keeps the letter.
  await page.reload()
  expect(await page.getByText(/^This screen is/).textContent({ timeout: SHOWN_MS })).toContain(letter)
  await nobodyIsStuck(stage)
  await joinHere(page)
  await nobodyIsStuck(teacher)
  await stage.getByText('1 of 4 here').waitFor({ timeout: SHOWN_MS })
})

test('the teacher dismisses a device that needs no help', async () => {
  const person = await comer()
  const page = await person.open(`${box.url}/`)
  const letter = (await page.getByText(/^This screen is/).textContent({ timeout: SHOWN_MS }))?.at(-1)
  await page.getByLabel('Room code').fill('clarinet 5678')
  await page.getByRole('button', { name: 'Next' }).click()
  await stuck(teacher, `Screen ${letter}`, 'Wrong code')
  await teacher.keyboard.press('j')
  await teacher.getByRole('button', { name: `Screen ${letter} needs no help` }).click()
  await teacher.getByText('0 have the page').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('Escape')
  await nobodyIsStuck(teacher)
  await nobodyIsStuck(stage)
  await page.getByText(`This screen is ${letter}`).waitFor() // it goes on telling
  await person.context.close()
})

/** Joins on a page that shows the field for the code. */
async function joinHere(page: Page): Promise<void> {
  await page.getByLabel('Room code').fill(code)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.getByText('in time').waitFor({ timeout: SHOWN_MS })
}

test('a student who reads their name, and one whose browser stays silent', async () => {
  const person = await comer(() => {
    const { AudioContext } = globalThis
    globalThis.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options)
        void super.suspend()
      }
      override resume(): Promise<void> {
        return new Promise(() => {}) // no press wakes it
      }
    }
  })
  const page = await person.open(`${box.url}/join?code=${code}`)
  const play = page.getByRole('button', { name: 'Play', exact: true })
  await play.waitFor()
  await teacher.keyboard.press('j')
  await teacher.getByText('1 reads their name').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('Escape')
  await play.click()
  await page.getByText('in time').waitFor({ timeout: SHOWN_MS })
  await stuck(teacher, await nameOf(page), 'No sound yet')
  await stuck(stage, 'No sound yet')
  await stage.getByText('2 of 4 here').waitFor({ timeout: SHOWN_MS })
  await look(stage, 'stage-stuck')
  await look(page, 'play-asleep')
  await lookForced(page, 'play-asleep')
  await person.context.close()
  await nobodyIsStuck(teacher)
})

test('a reload is no trouble, and the first note is noticed', async () => {
  const { page } = await joinAs(await comer(), box, code)
  await page.reload()
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.getByText('in time').waitFor({ timeout: SHOWN_MS })
  await playKey(page, 60)
  await teacher.keyboard.press('j')
  await teacher.getByText('1 has played').waitFor({ timeout: SHOWN_MS })
  await teacher.getByText('2 of 4 are in').waitFor()
  await teacher.keyboard.press('Escape')
})

test('a student whose network goes, before and after they have a seat', async () => {
  const noLane = () => Reflect.deleteProperty(globalThis, 'RTCPeerConnection')
  line = await SlowLine.start(box, 0)
  const before = await (await comer()).open(`${line.url}/`)
  const letter = (await before.getByText(/^This screen is/).textContent({ timeout: SHOWN_MS }))?.at(-1)
  const after = await joinAs(await comer(noLane), line, code)
  await stage.getByText('3 of 4 here').waitFor({ timeout: SHOWN_MS })
  await playKey(after.page, 60)
  await teacher.keyboard.press('j')
  await teacher.getByText('2 have played').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('Escape')
  line.stalled = true // as Wi-Fi out of reach: nobody says that the connection is over
  await stuck(teacher, `Screen ${letter}`, 'No connection')
  await stuck(teacher, after.name, 'No connection')
  await stage.getByText('2 of 4 here').waitFor({ timeout: SHOWN_MS })
  line.stalled = false
  await stage.getByText('3 of 4 here').waitFor({ timeout: SHOWN_MS })
  await joinHere(before)
  await nobodyIsStuck(teacher)
  await stage.getByText('4 of 4 here').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('j')
  await teacher.getByText('4 of 4 are in · Everyone is in.').waitFor({ timeout: SHOWN_MS })
  await teacher.keyboard.press('Escape')
})

test('no student is told of it', async () => {
  for (const person of people) expect(person.errors.filter((e) => !e.includes('404'))).toEqual([])
  const messages: string[] = []
  const person = await comer()
  person.context.on('page', (page) =>
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('"lobby_changed"')) messages.push(String(payload))
      }),
    ),
  )
  await joinAs(person, box, code)
  await stage.getByText('5 of 4 here').waitFor({ timeout: SHOWN_MS })
  expect(messages, 'lobbies that a student got').toEqual([])
})
