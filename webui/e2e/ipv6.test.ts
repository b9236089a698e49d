import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Box } from './rig/box.ts'
import { AUDIBLE, launchOn, type Person, playKey, waitForSilence, waitForSound } from './rig/browser.ts'
import { Lan } from './rig/lan.ts'
import { join, signIn } from './rig/people.ts'

// A network without IPv4. The box is a bridge, as OpenWrt is: it has an address on no other interface. Here
// Chromium gathers no candidates for a lane, so that notes take the WebSocket: a page's candidates hide behind
// mDNS names, and on Linux Chromium cannot bind a socket for mDNS over IPv6 ("MDNS bind failed"). A school's
// policy (WebRtcLocalIpsAllowedUrls) lets the pages of the box do without such names.

const ROOM = 'MUSIC-2024'

let lan: Lan
let box: Box
let browsers: Browser[] = []
let plain: Browser
const people: Person[] = []

const isRoot = process.getuid?.() === 0
if (!isRoot) console.log('# a network without IPv4: skipped, only root may make networks')

describe.skipIf(!isRoot)('in a network without IPv4', () => {
  beforeAll(async () => {
    lan = await Lan.start('ipv6')
    box = await Box.startOn(lan.on('box'), 'demo', '--students', '0')
    box.host = `[${lan.address('box')}]` // Chromium looks up no IPv6 address of a name without a route to the internet
    browsers = await Promise.all([launchOn(lan, 'ann'), launchOn(lan, 'ben')])
    plain = await launchOn(lan, 'ben', '--disable-features=WebRtcHideLocalIpsWithMdns') // does what the policy does
  }, 120_000)

  afterAll(async () => {
    await Promise.all([...browsers, plain].map((b) => b?.close()))
    await box?.stop()
    await lan?.stop()
  })

  test('the links work, and notes arrive', async () => {
    const [anns, bens] = browsers
    if (!anns || !bens) throw new Error('there are no browsers')
    expect(new URL(box.signInLink('teacher')).origin, 'the link that the box prints').toBe(box.url)
    const teacher = await signIn(bens, box, ROOM)
    await teacher.page.getByText('Everyone', { exact: true }).click()
    const [ann, ben] = [await join(anns, box, ROOM), await join(bens, box, ROOM)]
    people.push(teacher.person, ann.person, ben.person)
    await waitForSilence(ben.page)
    const heard = waitForSound(ben.page)
    await playKey(ann.page, 60)
    expect(await heard).toBeGreaterThan(AUDIBLE)
  })

  test('notes take the lane if the page may say where it is', async () => {
    const { page, person } = await join(plain, box, ROOM)
    people.push(person)
    await page.waitForFunction(() => globalThis.downbeat?.transport === 'webrtc', null, { timeout: 60_000 })
  })

  test('the stage shows an address to type, and a picture of it', async () => {
    const [anns] = browsers
    const page = await anns?.newPage()
    await page?.goto(box.url + box.signIn('stage'))
    await page?.getByText(lan.address('box')).first().waitFor()
  })

  test('no page has met an error', () => {
    expect(people.flatMap((p) => p.errors)).toEqual([])
  })
})
