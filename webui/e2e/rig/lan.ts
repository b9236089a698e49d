import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The machines of a network: the box, which is the switch as well, and two of the class. */
const HOSTS = ['box', 'ann', 'ben'] as const
export type Host = (typeof HOSTS)[number]

/** The network in which they have their addresses: one that RFC 2544 keeps for tests. */
const NETWORK = '198.18.0.'
const DEVICE = 'lan0'

/**
 * Machines on one switch, made of the kernel's network namespaces: their addresses can change under
 * what runs on them. It takes the rights of root.
 */
export class Lan {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'downbeat-lan-'))
  readonly #hosts = path.join(this.#folder, 'hosts')
  readonly #addresses: Record<Host, string> = {
    box: `${NETWORK}1`,
    ann: `${NETWORK}2`,
    ben: `${NETWORK}3`,
  }

  static async start(): Promise<Lan> {
    const lan = new Lan()
    for (const host of HOSTS) await ip('netns', 'add', lan.#name(host))
    await lan.#ip('box', 'link', 'add', DEVICE, 'type', 'bridge')
    for (const host of ['ann', 'ben'] as const) await lan.#plug(host)
    for (const host of HOSTS) {
      for (const device of ['lo', DEVICE]) await lan.#ip(host, 'link', 'set', device, 'up')
      await lan.#give(host, lan.#addresses[host])
    }
    return lan
  }

  /** What a command line begins with to run on a host. */
  on(host: Host): string[] {
    return ['ip', 'netns', 'exec', this.#name(host)]
  }

  /** A script that starts a program on a host, where downbeat.local leads to the box's address of the moment. */
  launcher(host: Host, program: string): string {
    const script = path.join(this.#folder, `${host}.sh`)
    const inside = `mount --bind ${this.#hosts} /etc/hosts && exec ${program} "$@"`
    const line = `exec ${this.on(host).join(' ')} unshare --mount sh -c '${inside}' sh "$@"`
    writeFileSync(script, `#!/bin/sh\n${line}\n`)
    chmodSync(script, 0o755)
    return script
  }

  /** Gives a host another address; the old one is gone at once. */
  async move(host: Host, last: number): Promise<void> {
    await this.#ip(host, 'address', 'flush', 'dev', DEVICE)
    await this.#give(host, NETWORK + last)
  }

  /** Pulls out the cables of the class, or plugs them in. */
  async cables(plugged: boolean): Promise<void> {
    for (const port of ['ann', 'ben']) await this.#ip('box', 'link', 'set', port, plugged ? 'up' : 'down')
  }

  /** Ends the network. What runs on it has to be over. */
  async stop(): Promise<void> {
    for (const host of HOSTS) await ip('netns', 'del', this.#name(host))
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #name(host: Host): string {
    return `downbeat-${process.pid}-${host}`
  }

  /** A cable from a host to the switch. */
  async #plug(host: Host): Promise<void> {
    const far = ['peer', 'name', DEVICE, 'netns', this.#name(host)]
    await this.#ip('box', 'link', 'add', host, 'type', 'veth', ...far)
    await this.#ip('box', 'link', 'set', host, 'master', DEVICE, 'up')
  }

  async #give(host: Host, address: string): Promise<void> {
    this.#addresses[host] = address
    await this.#ip(host, 'address', 'add', `${address}/24`, 'dev', DEVICE)
    // Into the file that is there, for it is mounted.
    writeFileSync(this.#hosts, `127.0.0.1 localhost\n${this.#addresses.box} downbeat.local\n`)
  }

  async #ip(host: Host, ...args: string[]): Promise<void> {
    await ip('-n', this.#name(host), ...args)
  }
}

async function ip(...args: string[]): Promise<void> {
  await run('ip', args)
}
