import { type Channel, Presence, Socket, type SocketConnectOption } from 'phoenix'
import { describe, expect, inject } from 'vitest'
import { type Attempt, cell } from './cell.ts'
import { Inbox } from './inbox.ts'
import { Line } from './line.ts'
import { Person } from './person.ts'
import { NEWEST, OLDEST, PHOENIX, type Version } from './version.ts'

/** What a feature is tried with: programs that know Phoenix and nothing of Supabase. */
class PhoenixTrial implements Attempt {
  readonly boxes = inject('boxes')
  readonly topic = `t-${crypto.randomUUID()}`
  readonly #sockets: Socket[] = []
  readonly #lines: Line[] = []
  readonly #programs: Person[] = []

  constructor(readonly patience: number) {}

  dial(options: Partial<SocketConnectOption> = {}): { socket: Socket; line: Line } {
    const line = new Line(this.patience)
    const params = { apikey: this.boxes.anon, line: line.name }
    const socket = new Socket(`${this.boxes.url.replace('http', 'ws')}/socket`, { params, ...options })
    socket.connect()
    this.#lines.push(line)
    this.#sockets.push(socket)
    return { socket, line }
  }

  async join({ socket: options, config = {}, listen }: Joining = {}): Promise<Member> {
    const { socket, line } = this.dial(options)
    const channel = socket.channel(`realtime:${this.topic}`, { config })
    listen?.(channel)
    const member = new Member(channel, line, this.patience)
    expect(await reply(channel.join())).toBe('ok')
    return member
  }

  /** A Supabase program: the other end. */
  program(version: Version): Person {
    const person = new Person(version, { url: this.boxes.url, key: this.boxes.anon }, this.patience)
    this.#programs.push(person)
    this.#lines.push(person.line)
    return person
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.gone()))
    for (const socket of this.#sockets) socket.disconnect()
    for (const line of this.#lines) line.cut()
  }

  crashes(): unknown[] {
    return this.#lines.flatMap((line) => line.crashes)
  }

  transcript(): string {
    return this.#lines.map((line) => line.transcript()).join('\n')
  }
}

interface Joining {
  socket?: Partial<SocketConnectOption>
  config?: object
  /** Listens for more before the client asks to join. */
  listen?: (channel: Channel) => void
}

/** One client in the trial's channel. */
class Member {
  readonly heard: Inbox<{ event: string; payload: unknown }>

  constructor(
    readonly channel: Channel,
    readonly line: Line,
    patience: number,
  ) {
    this.heard = new Inbox(patience)
    channel.on('broadcast', this.heard.put)
  }

  send(event: string, payload: object = {}): Promise<string> {
    return reply(this.channel.push('broadcast', { type: 'broadcast', event, payload }))
  }
}

/** Waits for the answer to a push: ok, error or timeout. */
function reply(push: ReturnType<Channel['push']>): Promise<string> {
  return new Promise((resolve) => {
    for (const status of ['ok', 'error', 'timeout'] as const) push.receive(status, () => resolve(status))
  })
}

function feature(name: string, run: (trial: PhoenixTrial) => Promise<void>): void {
  describe(name, () => {
    const begin = (patience: number) => new PhoenixTrial(patience)
    cell({ feature: name, version: PHOENIX, lacks: false, begin, run })
  })
}

const acked = { config: { broadcast: { ack: true } } }

feature('join and leave', async (t) => {
  const { channel } = await t.join()
  const closed = new Inbox<unknown>(t.patience)
  channel.onClose(closed.put)
  expect(await reply(channel.leave())).toBe('ok')
  await closed.first('the close')
})

feature('a topic that is not a channel', async (t) => {
  const refused = new Inbox<{ reason: string }>(t.patience)
  t.dial().socket.channel('room:1').join().receive('error', refused.put)
  expect(await refused.first('the refusal')).toEqual({ reason: 'unmatched topic' })
})

feature('broadcast to each other', async (t) => {
  const [ann, ben] = [await t.join(acked), await t.join()]
  expect(await ann.send('note', { midi: 60 })).toBe('ok')
  expect(await ben.heard.first('the note')).toEqual({
    type: 'broadcast',
    event: 'note',
    payload: { midi: 60 },
  })
})

for (const version of [OLDEST, NEWEST]) {
  feature(`broadcast to and from supabase-js ${version.vsn === 1 ? 'of old' : 'of today'}`, async (t) => {
    const ann = await t.join(acked)
    const ben = await t.program(version).join(t.topic)
    expect(await ann.send('there', { midi: 60 })).toBe('ok')
    expect(await ben.heard.first('what Ann sent')).toMatchObject({ event: 'there', payload: { midi: 60 } })
    await ben.send('back', { midi: 61 })
    expect(await ann.heard.first('what Ben sent')).toMatchObject({ event: 'back', payload: { midi: 61 } })
  })
}

feature('bytes are answered', async (t) => {
  const ann = await t.join(acked)
  const push = ann.channel.push('bytes', new Uint8Array([0, 1, 255]).buffer)
  expect(await reply(push)).not.toBe('timeout')
  expect(await ann.send('still here')).toBe('ok')
})

feature('Presence', async (t) => {
  const present = new Inbox<string[]>(t.patience)
  const watch = (channel: Channel) => {
    const presence = new Presence(channel)
    presence.onSync(() => present.put(presence.list((key) => key)))
  }
  await t.join({ config: { presence: { key: 'ann' } }, listen: watch })
  const ben = await t.join({ config: { presence: { key: 'ben' } } })
  const push = (event: string) =>
    ben.channel.push('presence', { type: 'presence', event, payload: { name: 'Ben' } })
  expect(await reply(push('track'))).toBe('ok')
  await present.first('Ben to come', (keys) => keys.includes('ben'))
  const soFar = present.all.length
  expect(await reply(push('untrack'))).toBe('ok')
  await present.first('Ben to go', (keys) => keys.length === 0, soFar)
})

feature('heartbeats', async (t) => {
  const { line } = await t.join({ socket: { heartbeatIntervalMs: 400 } })
  await line.frames.atLeast(3, 'an answered heartbeat', (f) => f.from === 'box' && f.topic === 'phoenix')
  expect(line.sockets).toHaveLength(1)
})

feature('a lost connection comes back', async (t) => {
  const [ann, ben] = [await t.join(), await t.join(acked)]
  ann.line.cut()
  await ann.line.frames.atLeast(2, 'a joined channel', (f) => f.from === 'box' && f.event === 'phx_reply')
  expect(await ben.send('note')).toBe('ok')
  await ann.heard.first('the note')
})

feature('phx_error is followed by a rejoin', async (t) => {
  const [ann, ben] = [await t.join(), await t.join(acked)]
  const join = await ann.line.frames.first('the join', (f) => f.event === 'phx_join')
  ann.line.forge({ topic: join.topic, event: 'phx_error', ref: join.ref, payload: {} })
  await ann.line.frames.atLeast(2, 'a joined channel', (f) => f.from === 'box' && f.event === 'phx_reply')
  expect(await ben.send('note')).toBe('ok')
  await ann.heard.first('the note')
  expect(ann.line.sockets).toHaveLength(1)
})

feature('a token in the subprotocol', async (t) => {
  const ann = await t.join({ ...acked, socket: { authToken: t.boxes.anon } as Partial<SocketConnectOption> })
  expect(await ann.send('hello')).toBe('ok')
})
