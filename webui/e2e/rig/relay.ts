import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { BrowserContext } from 'playwright-core'

/** Relays UDP between browsers and a box. While it is blocked it drops every packet without an error. */
export class Relay {
  blocked = false
  /** How many packets came from browsers. */
  packets = 0
  readonly #box: number
  readonly #front = createSocket('udp4')
  readonly #backs = new Map<string, Socket>() // one for each address of a browser

  private constructor(box: number) {
    this.#box = box
  }

  /** Starts a relay to the UDP port of a box on this machine. */
  static async start(box: number): Promise<Relay> {
    const relay = new Relay(box)
    relay.#front.on('message', (packet, from) => {
      relay.packets++
      if (!relay.blocked) relay.#backOf(from.address, from.port).send(packet, box, '127.0.0.1')
    })
    relay.#front.bind(0, '127.0.0.1')
    await once(relay.#front, 'listening')
    return relay
  }

  /** Routes a browser through the relay: the box's answers name the relay's port instead of the box's. */
  async routeThrough(context: BrowserContext): Promise<void> {
    const { port } = this.#front.address() as AddressInfo
    await context.route('**/rtc/v1/offer?*', async (route) => {
      const url = route.request().url().replace('//downbeat.local', '//127.0.0.1')
      const response = await route.fetch({ url })
      const body = (await response.text()).replaceAll(` ${this.#box} typ host`, ` ${port} typ host`)
      await route.fulfill({ response, body })
    })
  }

  stop(): void {
    for (const socket of [this.#front, ...this.#backs.values()]) socket.close()
  }

  #backOf(address: string, port: number): Socket {
    const key = `${address}:${port}`
    const known = this.#backs.get(key)
    if (known) return known
    const back = createSocket('udp4')
    back.on('message', (packet) => {
      if (!this.blocked) this.#front.send(packet, port, address)
    })
    this.#backs.set(key, back)
    return back
  }
}
