import { Backoff } from '../net/backoff.ts'
import { isRecord, type TextFrame } from '../wire/frames.ts'
import type { BoxMessage } from '../wire/message.ts'
import type { NoteUp } from '../wire/notes.ts'
import type { PushHead } from '../wire/push.ts'
import type { ChannelEvents } from './events.ts'
import type { Link } from './link.ts'
import type { TopicHandler } from './options.ts'
import { PendingPushes, PushError, PushQueue, systemError } from './push.ts'

type State = 'idle' | 'joining' | 'joined' | 'waiting' | 'over'

/** Supabase clients wait as long for a join, ms. */
const JOIN_MS = 10_000
const ACK_MS = 5_000

/** One topic that is joined over a link. After a loss it joins again by itself. */
export class Channel implements TopicHandler {
  readonly #link: Link
  readonly #topic: string
  readonly #payload: unknown
  readonly #events: ChannelEvents
  readonly #pending = new PendingPushes()
  readonly #pushQueue = new PushQueue()
  readonly #backoff: Backoff
  #state: State = 'idle'
  #joinRef = ''
  #systemError = ''
  #retry: ReturnType<typeof setTimeout> | undefined
  #detach = () => {}

  /** topic is the one on the wire; payload is that of the join. */
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
    if (this.#link.state.value === 'open') this.linkUp()
  }

  /** Leaves for good. The box is informed if it can be. */
  leave(): void {
    if (this.joined || this.#state === 'joining') this.#sendText(this.#link.nextRef(), 'phx_leave', {})
    this.#finish()
  }

  /**
   * Broadcasts JSON and waits for the box's ack. A push made before the channel is joined waits up
   * to two seconds, and is then rejected as "offline". Rejects with a PushError.
   */
  async push(event: string, payload: unknown): Promise<void> {
    if (this.#state === 'over') throw new PushError('closed')
    if (!this.joined) await this.#pushQueue.wait()
    const ref = this.#link.nextRef()
    if (!this.joined || !this.#sendText(ref, 'broadcast', { type: 'broadcast', event, payload })) {
      throw new PushError('offline')
    }
    await this.#pending.wait(ref, ACK_MS)
  }

  /** Sends notes without an ack. Returns false if they were dropped: not joined, or the link is slow. */
  sendNotes(notes: readonly NoteUp[], evenIfSlow: boolean, held?: ReadonlySet<number>): boolean {
    return this.joined && this.#link.sendNotes({ ...this.#head(), notes, held }, evenIfSlow)
  }

  /** Sends a clock ping. Returns false if it was dropped. id is 0 to 65535, t1 performance.now(), ms. */
  sendPing(id: number, t1: number): boolean {
    return this.joined && this.#link.sendPing(this.#head(), id, t1)
  }

  linkUp(): void {
    if (this.#state === 'waiting') void this.#join()
  }

  linkDown(): void {
    this.#markLost('lost')
  }

  receive(message: BoxMessage, at: number): void {
    if (message.kind === 'text') this.#receiveText(message.frame)
    else if (this.#state === 'idle' || this.#state === 'over') return
    else if (message.kind === 'json') this.#events.json(message.event, message.payload)
    else if (message.kind === 'notes') this.#events.notes(message.frame)
    else this.#events.clock(message.reply, at)
  }

  #receiveText(frame: TextFrame): void {
    switch (frame.event) {
      case 'phx_reply':
        if (frame.ref !== null) this.#pending.settle(frame.ref, frame.payload)
        return
      case 'phx_error':
        if (this.#isCurrent(frame)) this.#rejoinLater('lost')
        return
      case 'phx_close':
        if (this.#isCurrent(frame)) this.#closedByBox()
        return
      case 'postgres_changes':
        this.#events.row?.(frame.payload)
        return
      case 'system':
        this.#systemError = systemError(frame.payload) || this.#systemError // counts if a close follows
        return
      case 'broadcast':
        if (isRecord(frame.payload) && typeof frame.payload.event === 'string')
          this.#events.json(frame.payload.event, frame.payload.payload)
    }
  }

  async #join(): Promise<void> {
    clearTimeout(this.#retry)
    const ref = this.#link.nextRef()
    this.#state = 'joining'
    this.#joinRef = ref
    this.#systemError = ''
    const answer = this.#pending.wait(ref, JOIN_MS)
    this.#sendText(ref, 'phx_join', this.#payload)
    try {
      await answer
    } catch (error) {
      if (this.#joinRef === ref) this.#joinFailed(error)
      return
    }
    if (this.#joinRef === ref && this.#state === 'joining') this.#joinSucceeded()
  }

  #joinSucceeded(): void {
    this.#state = 'joined'
    this.#backoff.reset()
    this.#events.joined()
    this.#pushQueue.release()
  }

  #joinFailed(error: unknown): void {
    if (this.#state !== 'joining') return // the link went down, or we left
    const reason = error instanceof PushError ? error.reason : ''
    const late = reason === 'timeout'
    if (late) this.#sendText(this.#link.nextRef(), 'phx_leave', {})
    if (late || this.#events.refused(reason)) this.#rejoinLater('lost')
    else this.#finish()
  }

  /** The box closed the channel, after giving the reason in a system message. */
  #closedByBox(): void {
    const reason = this.#systemError
    if (this.#events.closed(reason)) this.#rejoinLater('lost')
    else this.#finish()
  }

  #isCurrent(frame: TextFrame): boolean {
    if (this.#state !== 'joined' && this.#state !== 'joining') return false
    return frame.ref === null || frame.ref === this.#joinRef
  }

  #rejoinLater(reason: string): void {
    this.#markLost(reason)
    this.#retry = setTimeout(() => {
      if (this.#link.state.value === 'open') this.linkUp()
    }, this.#backoff.next())
  }

  #markLost(reason: string): void {
    if (this.#state === 'idle' || this.#state === 'over') return
    clearTimeout(this.#retry)
    this.#state = 'waiting'
    this.#joinRef = ''
    this.#pending.rejectAll(reason)
    this.#events.lost()
  }

  #finish(): void {
    clearTimeout(this.#retry)
    this.#state = 'over'
    this.#joinRef = ''
    this.#detach()
    this.#pending.rejectAll('closed')
    this.#pushQueue.rejectAll('closed')
  }

  #head(): PushHead {
    return { joinRef: this.#joinRef, ref: '', topic: this.#topic }
  }

  #sendText(ref: string, event: string, payload: unknown): boolean {
    return this.#link.sendText({ joinRef: this.#joinRef, ref, topic: this.#topic, event, payload })
  }
}
