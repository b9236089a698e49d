import { Backoff } from '../net/backoff.ts'
import { complaint } from '../room/end.ts'
import { type Broadcast, encodePush, isRecord, type TextFrame } from '../wire/frames.ts'
import type { Link } from './link.ts'
import type { LinkUser } from './options.ts'
import { Door, Pending, PushError } from './push.ts'

/** What a channel tells its owner. */
export interface ChannelEvents {
  /** Joined, for the first time or again. */
  joined(): void
  /** Not joined any more, and trying again. */
  lost(): void
  /** The box refused a join. Returns whether trying again may help. */
  refused(reason: string): boolean
  /** The box closed the channel and said why. Returns whether to join again. */
  closed(reason: string): boolean
  json(event: string, payload: unknown): void
  /** at is performance.now() at its arrival, ms. */
  binary(event: string, bytes: Uint8Array, at: number): void
}

type State = 'idle' | 'joining' | 'joined' | 'waiting' | 'over'

/** Supabase clients wait as long for a join. */
const JOIN_MS = 10_000
const ACK_MS = 5_000

/** One topic joined over a link. It joins again by itself whenever the link is back. */
export class Channel implements LinkUser {
  readonly #link: Link
  readonly #topic: string
  readonly #payload: unknown
  readonly #events: ChannelEvents
  readonly #pending = new Pending()
  readonly #door = new Door()
  readonly #backoff: Backoff
  #state: State = 'idle'
  #joinRef = ''
  #said = ''
  #retry: ReturnType<typeof setTimeout> | undefined
  #detach = () => {}

  /** topic is the one on the wire; payload is the join's. */
  constructor(link: Link, topic: string, payload: unknown, events: ChannelEvents, random?: () => number) {
    this.#link = link
    this.#topic = topic
    this.#payload = payload
    this.#events = events
    this.#backoff = new Backoff(random)
  }

  get joined(): boolean {
    return this.#state === 'joined'
  }

  /** Joins as soon as the link is open, and again after every loss. */
  join(): void {
    if (this.#state !== 'idle') return
    this.#state = 'waiting'
    this.#detach = this.#link.attach(this.#topic, this)
    if (this.#link.state.value === 'open') this.up()
  }

  /** Leaves for good. The box is told if it can be. */
  leave(): void {
    if (this.joined || this.#state === 'joining') this.#text(this.#link.nextRef(), 'phx_leave', {})
    this.#finish()
  }

  /**
   * Broadcasts JSON and waits for the box's ack. A push made while the channel is not joined
   * waits two seconds for that, then it is rejected as "offline". Rejects with a PushError.
   */
  async push(event: string, payload: unknown): Promise<void> {
    if (this.#state === 'over') throw new PushError('closed')
    if (!this.joined) await this.#door.wait()
    const ref = this.#link.nextRef()
    if (!this.joined || !this.#text(ref, 'broadcast', { type: 'broadcast', event, payload })) {
      throw new PushError('offline')
    }
    await this.#pending.wait(ref, ACK_MS)
  }

  /**
   * Broadcasts bytes without an ack; dropped, and false, while not joined or, unless it must be sent,
   * when the link is slow.
   */
  send(event: string, bytes: Uint8Array, must = false): boolean {
    if (!this.joined) return false
    return this.#link.sendNote(
      encodePush({ joinRef: this.#joinRef, ref: '', topic: this.#topic, event, payload: bytes }),
      must,
    )
  }

  up(): void {
    if (this.#state === 'waiting') void this.#join()
  }

  down(): void {
    this.#lose('lost')
  }

  text(frame: TextFrame): void {
    switch (frame.event) {
      case 'phx_reply':
        if (frame.ref !== null) this.#pending.answer(frame.ref, frame.payload)
        return
      case 'phx_error':
        if (this.#isCurrent(frame)) this.#again('lost')
        return
      case 'phx_close':
        if (this.#isCurrent(frame)) this.#shut()
        return
      case 'system':
        this.#said = complaint(frame.payload) || this.#said // it counts if a close follows
        return
      case 'broadcast':
        if (isRecord(frame.payload) && typeof frame.payload.event === 'string')
          this.#events.json(frame.payload.event, frame.payload.payload)
    }
  }

  broadcast(b: Broadcast, at: number): void {
    if (this.#state === 'idle' || this.#state === 'over') return
    if (b.encoding === 'binary') this.#events.binary(b.event, b.bytes, at)
    else this.#events.json(b.event, b.payload)
  }

  async #join(): Promise<void> {
    clearTimeout(this.#retry)
    const ref = this.#link.nextRef()
    this.#state = 'joining'
    this.#joinRef = ref
    this.#said = ''
    const answer = this.#pending.wait(ref, JOIN_MS)
    this.#text(ref, 'phx_join', this.#payload)
    try {
      await answer
    } catch (error) {
      if (this.#joinRef === ref) this.#unjoined(error)
      return
    }
    if (this.#joinRef === ref && this.#state === 'joining') this.#welcome()
  }

  #welcome(): void {
    this.#state = 'joined'
    this.#backoff.reset()
    this.#events.joined()
    this.#door.open()
  }

  #unjoined(error: unknown): void {
    if (this.#state !== 'joining') return // the link went down, or we left
    const reason = error instanceof PushError ? error.reason : ''
    const late = reason === 'timeout'
    if (late) this.#text(this.#link.nextRef(), 'phx_leave', {})
    if (late || this.#events.refused(reason)) this.#again('lost')
    else this.#finish()
  }

  /** The box closed the channel, after saying why in a system message. */
  #shut(): void {
    const reason = this.#said
    if (this.#events.closed(reason)) this.#again('lost')
    else this.#finish()
  }

  #isCurrent(frame: TextFrame): boolean {
    if (this.#state !== 'joined' && this.#state !== 'joining') return false
    return frame.ref === null || frame.ref === this.#joinRef
  }

  #again(reason: string): void {
    this.#lose(reason)
    this.#retry = setTimeout(() => {
      if (this.#link.state.value === 'open') this.up()
    }, this.#backoff.next())
  }

  #lose(reason: string): void {
    if (this.#state === 'idle' || this.#state === 'over') return
    clearTimeout(this.#retry)
    this.#state = 'waiting'
    this.#joinRef = ''
    this.#pending.fail(reason)
    this.#events.lost()
  }

  #finish(): void {
    clearTimeout(this.#retry)
    this.#state = 'over'
    this.#joinRef = ''
    this.#detach()
    this.#pending.fail('closed')
    this.#door.shut('closed')
  }

  #text(ref: string, event: string, payload: unknown): boolean {
    return this.#link.sendText({ joinRef: this.#joinRef, ref, topic: this.#topic, event, payload })
  }
}
