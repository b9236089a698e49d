import type { RealtimeChannel, RealtimeChannelOptions, SupabaseClient } from '@supabase/supabase-js'
import { Inbox } from './inbox.ts'
import { Line } from './line.ts'
import type { Version } from './version.ts'

/** What a client is made with. */
export interface Wish {
  url: string
  /** The key of the program. */
  key: string
  /** A person's token, as the option accessToken and setAuth of an app bring it. */
  token?: string
  heartbeatIntervalMs?: number
}

/** A Supabase program with one client. */
export class Person {
  readonly client: SupabaseClient
  readonly line: Line
  #token: string | undefined

  constructor(
    readonly version: Version,
    wish: Wish,
    private readonly patience: number,
  ) {
    const { url, key, token, ...realtime } = wish
    this.line = new Line(patience)
    this.#token = token
    this.client = version.createClient(url, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      realtime: { params: { line: this.line.name }, ...realtime },
      ...(token === undefined ? {} : { accessToken: async () => this.#token ?? null }),
    })
  }

  /** Hands the client another token. */
  async use(token: string): Promise<void> {
    this.#token = token
    await this.client.realtime.setAuth(token)
  }

  /** Asks to join a topic; what comes of it stands in the statuses. */
  open(topic: string, wish: JoinWish = {}): Joined {
    return new Joined(this, topic, wish, this.patience)
  }

  /** Joins a topic, once the client knows its person's token. */
  async join(topic: string, wish: JoinWish = {}): Promise<Joined> {
    if (this.#token) await this.use(this.#token)
    const joined = this.open(topic, wish)
    await joined.subscribed()
    return joined
  }

  async gone(): Promise<void> {
    await this.client.realtime.disconnect()
    this.line.cut()
  }
}

/** How a topic is joined. */
export interface JoinWish {
  config?: RealtimeChannelOptions['config']
  /** Watches who is present: clients ask for that by listening. */
  presence?: boolean
  /** Listens for more before the client asks to join. */
  listen?: (channel: RealtimeChannel) => void
}

export interface Status {
  status: string
  reason: string
}

/** What a listener for broadcasts gets. */
export interface Heard {
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever was sent
  payload: any
  meta?: { replayed?: boolean; id?: string }
}

/** What listeners for presence get, under one roof. */
export interface Seen {
  event: 'join' | 'leave' | 'sync'
  key?: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever was tracked
  metas?: any[]
}

/** One topic that a client has joined, or tries to. */
export class Joined {
  readonly channel: RealtimeChannel
  readonly statuses: Inbox<Status>
  readonly heard: Inbox<Heard>
  readonly seen: Inbox<Seen>
  readonly #line: Line

  constructor(person: Person, topic: string, wish: JoinWish, patience: number) {
    this.statuses = new Inbox(patience)
    this.heard = new Inbox(patience)
    this.seen = new Inbox(patience)
    this.#line = person.line
    this.channel = person.client.channel(topic, { config: wish.config ?? {} })
    this.channel.on('broadcast', { event: '*' }, (b) => this.heard.put({ payload: undefined, ...b }))
    if (wish.presence) this.#watch()
    wish.listen?.(this.channel)
    this.channel.subscribe((status, err) =>
      this.statuses.put({ status, reason: String(err?.message ?? err ?? '') }),
    )
  }

  /** Waits until the client says so, for the nth time. */
  async subscribed(times = 1): Promise<void> {
    await this.statuses.atLeast(times, 'SUBSCRIBED', (s) => s.status === 'SUBSCRIBED')
  }

  /** Sends a broadcast and says how the client says it went. */
  send(event: string, payload: unknown = {}): Promise<string> {
    return this.channel.send({ type: 'broadcast', event, payload })
  }

  /** What the box has said about presence in this topic, frame by frame. */
  get diffs() {
    const topic = this.channel.topic
    return this.#line.frames.all.filter(
      (f) => f.from === 'box' && f.topic === topic && f.event.startsWith('presence_'),
    )
  }

  #watch(): void {
    this.channel.on('presence', { event: 'sync' }, () => this.seen.put({ event: 'sync' }))
    for (const event of ['join', 'leave'] as const) {
      // biome-ignore lint/suspicious/noExplicitAny: one shape for both overloads
      this.channel.on('presence', { event } as any, (p: any) =>
        this.seen.put({ event, key: p.key, metas: event === 'join' ? p.newPresences : p.leftPresences }),
      )
    }
  }
}
