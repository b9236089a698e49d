import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { launch, type Person, takePictures } from './rig/browser.ts'
import { claim } from './rig/people.ts'
import { steps } from './rig/steps.ts'

// A teacher makes a class list, changes it, and takes the change back. The tests are its steps. After a
// step fails the rest is skipped, because it would show nothing.

let browser: Browser
let box: Box
let person: Person
let teacher: Page
let code = ''

const children = (title: string) =>
  teacher.getByRole('region', { name: title, exact: true }).getByRole('listitem')
const names = (title: string) => children(title).locator('b').allTextContents()
const press = (name: string) => teacher.getByRole('button', { name, exact: true }).click()

beforeAll(async () => {
  browser = await launch()
  box = await Box.start('serve')
  const came = await claim(browser, box, 'Music')
  person = came.person
  teacher = came.page
  code = came.code
})

afterAll(async () => {
  await browser?.close()
  await box?.stop()
})

steps(() => takePictures([person], 'classes'))

test('names are pasted, looked at, and taken', async () => {
  await teacher.goto(`${box.url}/teacher`)
  await teacher.getByLabel('Name of the new class').fill('5B 🎵')
  await press('Make a class list')
  await teacher.getByText('Nobody is on the list yet.').waitFor()
  await teacher.getByLabel('Plays in').selectOption({ label: `Music · ${code}` })
  await press('Paste or read a list')
  await teacher.getByLabel('Paste the names here').fill(`Zoë <i>\nana lópez\nBen\nANA  LÓPEZ\n`)
  await press('Show what changes')
  await teacher.getByText('3 new children').waitFor()
  await teacher.getByText('1 name is there twice').waitFor()
  expect(await children('On the list').count(), 'children before the list is taken').toBe(0)
  await press('Take this list')
  await children('On the list').first().waitFor()
  expect(await names('On the list')).toEqual(['ana lópez', 'Ben', 'Zoë <i>'])
})

test('a file of a spreadsheet is read, and nobody is deleted', async () => {
  await press('Paste or read a list')
  const file =
    'Nº;Apellidos;Nombre;Correo\r\n1;López;Ana;a@school.example\r\n2;Núñez;Cleo;c@school.example\r\n'
  await teacher
    .getByLabel('Or choose a file (CSV)')
    .setInputFiles({ name: 'class.csv', mimeType: 'text/csv', buffer: Buffer.from(file, 'latin1') })
  await teacher.getByText('2 are not in this list').waitFor()
  await teacher.getByText('Cleo Núñez').waitFor()
  await teacher.getByLabel('The names are in').selectOption({ label: 'Apellidos' })
  await teacher.getByText('Núñez', { exact: true }).waitFor()
  await teacher.getByLabel('The names are in').selectOption({ label: 'Nombre and Apellidos' })
  await teacher.getByText('1 new child').waitFor()
  await press('Take this list')
  await children('Not on the list any more').first().waitFor()
  expect(await names('On the list')).toEqual(['ana lópez', 'Cleo Núñez'])
  expect(await names('Not on the list any more')).toEqual(['Ben', 'Zoë <i>'])
})

test('the list survives the box, and is taken back', async () => {
  await box.kill()
  await box.start()
  await teacher.reload()
  await press('Undo the last list')
  await expect.poll(() => names('On the list')).toEqual(['ana lópez', 'Ben', 'Zoë <i>'])
  expect(await children('Not on the list any more').count()).toBe(0)
  expect(await teacher.getByLabel('Plays in').inputValue()).toBe(code)
})

test('a child gets another name, other pictures, and leaves the list', async () => {
  const music = () => children('On the list').first().locator('.visually-hidden').allTextContents()
  const before = await music()
  expect(before).toHaveLength(3)
  await press('Change: ana lópez')
  await press('Give other pictures')
  await expect.poll(music).not.toEqual(before)
  await teacher.getByLabel('Name', { exact: true }).fill('Ana López')
  await press('Keep the name')
  await teacher.getByRole('heading', { name: 'Ana López' }).waitFor()
  await press('Take off the list')
  await press('Done')
  await expect.poll(() => names('Not on the list any more')).toEqual(['Ana López'])
})

test('the cards are all that is printed', async () => {
  await teacher.emulateMedia({ media: 'print' })
  const cards = teacher.locator('ol').filter({ visible: true })
  expect(await cards.count()).toBe(2)
  expect(await teacher.getByRole('button').filter({ visible: true }).count(), 'buttons on paper').toBe(0)
  await teacher.emulateMedia({ media: null })
})
