import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The machines of a network: the box, which is also the switch, and two computers of the class. */
const HOSTS = ['box', 'ann', 'ben'] as const
export type Host = (typeof HOSTS)[number]

/** The networks of the machines. RFC 2544 and RFC 3849 reserve them for tests. */
const NETWORKS = {
  ipv4: { prefix: '198.18.0.', bits: 24 },
  ipv6: { prefix: '2001:db8::', bits: 64 },
} as const
type Version = keyof typeof NETWORKS
const DEVICE = 'lan0'

/**
 * Machines on one switch, made of the kernel's network namespaces. Their addresses can change while
 * programs run on them. Only root may make namespaces.
 */
export class Lan {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'downbeat-lan-'))
  readonly #hosts = path.join(this.#folder, 'hosts')
  readonly #network: (typeof NETWORKS)[Version]
  readonly #addresses: Record<Host, string>

  private constructor(version: Version) {
    this.#network = NETWORKS[version]
    const { prefix } = this.#network
    this.#addresses = { box: `${prefix}1`, ann: `${prefix}2`, ben: `${prefix}3` }
  }

  static async start(version: Version = 'ipv4'): Promise<Lan> {
    const lan = new Lan(version)
    for (const host of HOSTS) await ip('netns', 'add', lan.#name(host))
    await lan.#ip('box', 'link', 'add', DEVICE, 'type', 'bridge')
    for (const host of ['ann', 'ben'] as const) await lan.#plug(host)
    for (const host of HOSTS) {
      for (const device of ['lo', DEVICE]) await lan.#ip(host, 'link', 'set', device, 'up')
      await lan.#give(host, lan.#addresses[host])
    }
    // Chromium uses IPv6 only if there is a route to the internet.
    if (version === 'ipv6') {
      for (const host of ['ann', 'ben'] as const)
        await lan.#ip(host, '-6', 'route', 'add', 'default', 'via', lan.address('box'))
    }
    return lan
  }

  /** Returns the address of a host. */
  address(host: Host): string {
    return this.#addresses[host]
  }

  /** Returns the start of a command line that runs on a host. */
  on(host: Host): string[] {
    return ['ip', 'netns', 'exec', this.#name(host)]
  }

  /** Writes a script that starts a program on a host. There downbeat.local leads to the box's current address. */
  launcher(host: Host, program: string): string {
    const script = path.join(this.#folder, `${host}.sh`)
    const inside = `mount --bind ${this.#hosts} /etc/hosts && exec ${program} "$@"`
    const line = `exec ${this.on(host).join(' ')} unshare --mount sh -c '${inside}' sh "$@"`
    writeFileSync(script, `#!/bin/sh\n${line}\n`)
    chmodSync(script, 0o755)
    return script
  }

  /** Gives a host another address. The old one is gone at once. */
  async move(host: Host, last: number): Promise<void> {
    await this.#ip(host, 'address', 'flush', 'dev', DEVICE)
    await this.#give(host, this.#network.prefix + last)
  }

  /** Unplugs the cables of the class, or plugs them in. */
  async cables(plugged: boolean): Promise<void> {
    for (const port of ['ann', 'ben']) await this.#ip('box', 'link', 'set', port, plugged ? 'up' : 'down')
  }

  /** Removes the network. Programs on it must have ended. */
  async stop(): Promise<void> {
    for (const host of HOSTS) await ip('netns', 'del', this.#name(host))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #name(host: Host): string {
    return `downbeat-${process.pid}-${host}`
  }

  /** Connects a host to the switch. */
  async #plug(host: Host): Promise<void> {
    const far = ['peer', 'name', DEVICE, 'netns', this.#name(host)]
    await this.#ip('box', 'link', 'add', host, 'type', 'veth', ...far)
    await this.#ip('box', 'link', 'set', host, 'master', DEVICE, 'up')
  }

  async #give(host: Host, address: string): Promise<void> {
    this.#addresses[host] = address
    const nodad = this.#network === NETWORKS.ipv6 ? ['nodad'] : [] // usable at once
    await this.#ip(host, 'address', 'add', `${address}/${this.#network.bits}`, 'dev', DEVICE, ...nodad)
    // Writes into the existing file, because it is mounted.
    writeFileSync(this.#hosts, `127.0.0.1 localhost\n${this.#addresses.box} downbeat.local\n`)
  }

  async #ip(host: Host, ...args: string[]): Promise<void> {
    await ip('-n', this.#name(host), ...args)
  }
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args)
}
