import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Member, Phase, RoomState } from '../../engine/room/types.ts'
import { t } from '../words/index.ts'

interface AnnouncerProps {
  state: RoomState
  me: Member
  phase: Phase
}

/** Tells screen readers what changed for the child, and never a note. */
export function Announcer({ state, me, phase }: AnnouncerProps) {
  const said = useSignal('')
  const before = useRef<AnnouncerProps | null>(null)
  useEffect(() => {
    if (before.current) said.value = news(before.current, { state, me, phase }) || said.value
    before.current = { state, me, phase }
  }, [state, me, phase, said])
  return (
    <p class="visually-hidden" role="status">
      {said}
    </p>
  )
}

/** The change that matters most, in a sentence; empty for none. */
export function news(was: AnnouncerProps, is: AnnouncerProps): string {
  const { play } = t()
  if (is.phase !== was.phase && is.phase === 'offline') return t().state.offline
  if (is.phase !== was.phase && was.phase === 'offline') return t().state.backOnline
  if (is.me.muted !== was.me.muted) return is.me.muted ? play.muted : play.unmuted
  if (is.state.quiet !== was.state.quiet) return is.state.quiet ? play.quiet : play.quietOver
  if (`${is.me.beats}` !== `${was.me.beats}`) return myBeats(is.me.beats)
  if (is.me.role !== was.me.role) return play.roleNow(is.me.role)
  if (is.me.instrument !== was.me.instrument) return t().instrument[is.me.instrument] ?? ''
  const line = is.state.next ?? is.state.timeline
  const old = was.state.next ?? was.state.timeline
  if (line.running !== old.running) return line.running ? play.running(Math.round(line.bpm)) : play.stopped
  return ''
}

function myBeats(beats: readonly number[]): string {
  if (beats.length === 0) return t().play.beatsAll
  return t().play.beatsMine(beats.map((b) => b + 1).join(', '))
}
