import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { planned } from '../../engine/clock/timeline.ts'
import { includes, sameTarget } from '../../engine/room/members.ts'
import { wordsIn } from '../../engine/room/teaching.ts'
import type { Member, Phase, RoomState } from '../../engine/room/types.ts'
import { t } from '../words/index.ts'
import { language } from '../words/language.ts'

interface AnnouncerProps {
  state: RoomState
  me: Member
  phase: Phase
}

/** Tells screen readers what has changed for the student. It never announces a note. */
export function Announcer({ state, me, phase }: AnnouncerProps) {
  const text = useSignal('')
  const before = useRef<AnnouncerProps | null>(null)
  useEffect(() => {
    if (before.current) text.value = changeText(before.current, { state, me, phase }) || text.value
    before.current = { state, me, phase }
  }, [state, me, phase, text])
  return (
    <p class="visually-hidden" role="status">
      {text}
    </p>
  )
}

/** Returns a sentence about the change that matters most; empty if nothing has changed. */
export function changeText(before: AnnouncerProps, now: AnnouncerProps): string {
  const { play } = t()
  if (now.phase !== before.phase && now.phase === 'offline') return t().state.offline
  if (now.phase !== before.phase && before.phase === 'offline') return t().state.backOnline
  if (now.me.muted !== before.me.muted) return now.me.muted ? play.muted : play.unmuted
  if (now.state.quiet !== before.state.quiet) return now.state.quiet ? play.quiet : play.quietOver
  if (!sameTarget(now.state.alone, before.state.alone)) return aloneText(now)
  const step = now.state.teaching
  if (step && `${step.run} ${step.step}` !== `${before.state.teaching?.run} ${before.state.teaching?.step}`) {
    return wordsIn(step.do, language.value)
  }
  if (now.me.group !== before.me.group) return groupText(now.me)
  if (`${now.me.beats}` !== `${before.me.beats}`) return beatsText(now.me.beats)
  if (now.me.role !== before.me.role) return play.roleNow(now.me.role)
  if (now.me.instrument !== before.me.instrument) return t().instrument[now.me.instrument] ?? ''
  const { running, bpm } = planned(now.state)
  if (running !== planned(before.state).running) return running ? play.running(Math.round(bpm)) : play.stopped
  return ''
}

function aloneText({ state: { alone }, me }: AnnouncerProps): string {
  const { play } = t()
  if (!alone) return play.quietOver
  if (!includes(alone, me)) return play.aloneNow
  return alone.group === undefined ? play.aloneMe : play.aloneGroup
}

/** Names the student's group; says so if they have none. */
function groupText({ group }: Member): string {
  return group === null ? t().play.noGroup : t().play.yourGroup(group)
}

function beatsText(beats: readonly number[]): string {
  if (beats.length === 0) return t().play.beatsAll
  return t().play.beatsMine(beats.map((b) => b + 1).join(', '))
}
