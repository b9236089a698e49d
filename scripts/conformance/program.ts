import type { RealtimeChannel, RealtimeChannelOptions, SupabaseClient } from '@supabase/supabase-js'
import { Inbox } from './inbox.ts'
import { Recorder } from './recorder.ts'
import type { Version } from './version.ts'

/** What a client is made with. */
export interface ProgramOptions {
  url: string
  /** The key of the program. */
  key: string
  /** The user's token, which an app passes as accessToken and to setAuth. */
  token?: string
  heartbeatIntervalMs?: number
}

/** A Supabase program with one client. */
export class Program {
  readonly client: SupabaseClient
  readonly recorder: Recorder
  #token: string | undefined

  constructor(
    readonly version: Version,
    options: ProgramOptions,
    private readonly patience: number,
  ) {
    const { url, key, token, ...realtime } = options
    this.recorder = new Recorder(patience)
    this.#token = token
    this.client = version.createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      realtime: { params: { recorder: this.recorder.name }, ...realtime },
      ...(token === undefined ? {} : { accessToken: async () => this.#token ?? null }),
    })
  }

  /** Gives the client another token. */
  async setToken(token: string): Promise<void> {
    this.#token = token
    await this.client.realtime.setAuth(token)
  }

  /** Asks to join a topic. The statuses say what comes of it. */
  open(topic: string, options: JoinOptions = {}): JoinedChannel {
    return new JoinedChannel(this, topic, options, this.patience)
  }

  /** Joins a topic, after giving the client its user's token. */
  async join(topic: string, options: JoinOptions = {}): Promise<JoinedChannel> {
    if (this.#token) await this.setToken(this.#token)
    const joined = this.open(topic, options)
    await joined.subscribed()
    return joined
  }

  async disconnect(): Promise<void> {
    await this.client.realtime.disconnect()
    this.recorder.breakConnection()
  }
}

/** How a topic is joined. */
export interface JoinOptions {
  config?: RealtimeChannelOptions['config']
  /** Listens for presence, which is how clients ask for it. */
  presence?: boolean
  /** Adds listeners before the client asks to join. */
  listen?: (channel: RealtimeChannel) => void
}

export interface Status {
  status: string
  reason: string
}

/** A broadcast as a listener gets it. */
export interface ReceivedBroadcast {
  event: string
  payload: Readonly<Record<string, unknown>>
  meta?: { replayed?: boolean; id?: string }
}

/** A presence event as one of three listeners gets it. */
export interface PresenceEvent {
  event: 'join' | 'leave' | 'sync'
  key?: string
  metas?: readonly Readonly<Record<string, unknown>>[]
}

/** One topic that a client has joined, or tries to join. */
export class JoinedChannel {
  readonly channel: RealtimeChannel
  readonly statuses: Inbox<Status>
  readonly broadcasts: Inbox<ReceivedBroadcast>
  readonly presence: Inbox<PresenceEvent>
  readonly #recorder: Recorder

  constructor(program: Program, topic: string, options: JoinOptions, patience: number) {
    this.statuses = new Inbox(patience)
    this.broadcasts = new Inbox(patience)
    this.presence = new Inbox(patience)
    this.#recorder = program.recorder
    this.channel = program.client.channel(topic, { config: options.config ?? {} })
    this.channel.on('broadcast', { event: '*' }, ({ event, ...rest }) =>
      this.broadcasts.put({ payload: {}, event: String(event), ...rest }),
    )
    if (options.presence) this.#watch()
    options.listen?.(this.channel)
    this.channel.subscribe((status, err) =>
      this.statuses.put({ status, reason: String(err?.message ?? err ?? '') }),
    )
  }

  /** Waits until the client reports the nth subscription. */
  async subscribed(times = 1): Promise<void> {
    await this.statuses.atLeast(times, 'SUBSCRIBED', (s) => s.status === 'SUBSCRIBED')
  }

  /** Sends a broadcast. Returns the client's verdict. */
  send(event: string, payload: unknown = {}): Promise<string> {
    return this.channel.send({ type: 'broadcast', event, payload })
  }

  /** The box's messages about presence in this topic, in order. */
  get diffs() {
    const topic = this.channel.topic
    return this.#recorder.frames.all.filter(
      (f) => f.from === 'box' && f.topic === topic && f.event.startsWith('presence_'),
    )
  }

  #watch(): void {
    this.channel.on('presence', { event: 'sync' }, () => this.presence.put({ event: 'sync' }))
    this.channel.on('presence', { event: 'join' }, ({ key, newPresences: metas }) =>
      this.presence.put({ event: 'join', key, metas }),
    )
    this.channel.on('presence', { event: 'leave' }, ({ key, leftPresences: metas }) =>
      this.presence.put({ event: 'leave', key, metas }),
    )
  }
}
