import { type Channel, Presence, Socket, type SocketConnectOption } from 'phoenix'
import { describe, expect, inject } from 'vitest'
import { type Attempt, cell } from './cell.ts'
import { Inbox } from './inbox.ts'
import { Program } from './program.ts'
import { Recorder } from './recorder.ts'
import { NEWEST, OLDEST, PHOENIX, type Version } from './version.ts'

/** A trial of a feature: programs that know Phoenix and nothing of Supabase. */
class PhoenixTrial implements Attempt {
  readonly boxes = inject('boxes')
  readonly topic = `t-${crypto.randomUUID()}`
  readonly #sockets: Socket[] = []
  readonly #recorders: Recorder[] = []
  readonly #programs: Program[] = []

  constructor(readonly patience: number) {}

  /** Opens a socket. path is where the program believes that the box has it. */
  dial(options: Partial<SocketConnectOption> = {}, path = '/socket'): { socket: Socket; recorder: Recorder } {
    const recorder = new Recorder(this.patience)
    const params = { apikey: this.boxes.anon, recorder: recorder.name }
    const socket = new Socket(`${this.boxes.url.replace('http', 'ws')}${path}`, { params, ...options })
    socket.connect()
    this.#recorders.push(recorder)
    this.#sockets.push(socket)
    return { socket, recorder }
  }

  async join({ socket: options, path, config = {}, listen }: Joining = {}): Promise<Member> {
    const { socket, recorder } = this.dial(options, path)
    const channel = socket.channel(`realtime:${this.topic}`, { config })
    listen?.(channel)
    const member = new Member(socket, channel, recorder, this.patience)
    expect(await reply(channel.join())).toBe('ok')
    return member
  }

  /** Returns a Supabase program, for the other end. */
  program(version: Version): Program {
    const program = new Program(version, { url: this.boxes.url, key: this.boxes.anon }, this.patience)
    this.#programs.push(program)
    this.#recorders.push(program.recorder)
    return program
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.disconnect()))
    for (const socket of this.#sockets) socket.disconnect()
    for (const recorder of this.#recorders) recorder.breakConnection()
  }

  crashes(): unknown[] {
    return this.#recorders.flatMap((recorder) => recorder.crashes)
  }

  transcript(): string {
    return this.#recorders.map((recorder) => recorder.transcript()).join('\n')
  }
}

interface Joining {
  socket?: Partial<SocketConnectOption>
  path?: string
  config?: object
  /** Adds listeners before the client asks to join. */
  listen?: (channel: Channel) => void
}

/** One client in the trial's channel. */
class Member {
  readonly heard: Inbox<{ event: string; payload: unknown }>

  constructor(
    readonly socket: Socket,
    readonly channel: Channel,
    readonly recorder: Recorder,
    patience: number,
  ) {
    this.heard = new Inbox(patience)
    channel.on('broadcast', this.heard.put)
  }

  send(event: string, payload: object = {}): Promise<string> {
    return reply(this.channel.push('broadcast', { type: 'broadcast', event, payload }))
  }
}

/** Waits for the reply to a push: ok, error or timeout. */
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
    expect(await ben.broadcasts.first('what Ann sent')).toMatchObject({
      event: 'there',
      payload: { midi: 60 },
    })
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
  const { recorder } = await t.join({ socket: { heartbeatIntervalMs: 1500 } })
  await recorder.frames.atLeast(3, 'an answered heartbeat', (f) => f.from === 'box' && f.topic === 'phoenix')
  expect(recorder.sockets).toHaveLength(1)
})

feature('a lost connection comes back', async (t) => {
  const [ann, ben] = [await t.join(), await t.join(acked)]
  ann.recorder.breakConnection()
  await ann.recorder.frames.atLeast(2, 'a joined channel', (f) => f.from === 'box' && f.event === 'phx_reply')
  expect(await ben.send('note')).toBe('ok')
  await ann.heard.first('the note')
})

feature('phx_error is followed by a rejoin', async (t) => {
  const [ann, ben] = [await t.join(), await t.join(acked)]
  const join = await ann.recorder.frames.first('the join', (f) => f.event === 'phx_join')
  ann.recorder.forge({ topic: join.topic, event: 'phx_error', ref: join.ref, payload: {} })
  await ann.recorder.frames.atLeast(2, 'a joined channel', (f) => f.from === 'box' && f.event === 'phx_reply')
  expect(await ben.send('note')).toBe('ok')
  await ann.heard.first('the note')
  expect(ann.recorder.sockets).toHaveLength(1)
})

feature('a late leave of an earlier join', async (t) => {
  const [ann, ben] = [await t.join(), await t.join(acked)]
  const join = await ann.recorder.frames.first('the join', (f) => f.event === 'phx_join')
  ann.recorder.forge({ topic: join.topic, event: 'phx_error', ref: join.ref, payload: {} })
  await ann.recorder.frames.atLeast(2, 'a joined channel', (f) => f.from === 'box' && f.event === 'phx_reply')
  ann.socket.push({ topic: join.topic, event: 'phx_leave', payload: {}, ref: '99', join_ref: join.ref })
  const reply = await ann.recorder.frames.first('its reply', (f) => f.from === 'box' && f.ref === '99')
  expect(reply).toMatchObject({ event: 'phx_reply', payload: { status: 'ok' } })
  expect(await ben.send('note')).toBe('ok')
  await ann.heard.first('the note')
})

feature('a hundred channels on one socket', async (t) => {
  const { socket } = t.dial()
  const channels = Array.from({ length: 100 }, (_, i) => socket.channel(`realtime:${t.topic}-${i}`))
  const joined = await Promise.all(channels.map((channel) => reply(channel.join())))
  expect(joined).toEqual(channels.map(() => 'ok'))
})

for (const path of ['/socket/', '//socket', '/realtime/v1', '/realtime/v1/']) {
  feature(`the endpoint ${path}`, async (t) => {
    expect(await (await t.join({ ...acked, path })).send('hello')).toBe('ok')
  })
}

feature('a token in the subprotocol', async (t) => {
  const ann = await t.join({ ...acked, socket: { authToken: t.boxes.anon } as Partial<SocketConnectOption> })
  expect(await ann.send('hello')).toBe('ok')
})
