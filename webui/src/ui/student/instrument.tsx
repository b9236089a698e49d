import { useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo, useRef } from 'preact/hooks'
import { INSTRUMENTS } from '../../engine/audio/instruments.ts'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { onMyBeat } from '../../engine/room/mybeat.ts'
import type { Member, RoomState, Scale } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { Select, Toggle } from '../kit/form.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { t } from '../words/index.ts'
import css from './instrument.module.css'
import { DRUM_PADS, type Key, pianoKeys, scaleKeys } from './keymap.ts'
import { Surface, type SurfaceKind } from './surface.tsx'

interface InstrumentProps {
  state: RoomState
  me: Member
  classroom: RoomClient
  stage: Sound
}

/** What the child plays: the choice of it, and the keys. */
export function Instrument({ state, me, classroom, stage }: InstrumentProps) {
  const octave = useSignal(0)
  const letters = useSignal(true)
  const { keys, kind } = useKeys(me.instrument, state.scale, octave.value)
  const press = useCallback((note: number, velocity: number) => stage.press(note, velocity), [stage])
  const release = useCallback((note: number) => stage.release(note), [stage])
  const why = me.muted ? t().play.muted : state.quiet ? t().play.quiet : ''
  const choose = (instrument: string) => {
    const { student_id } = me
    classroom.control('assign_instrument', { student_id, instrument }).catch(() => undefined) // it stays as it is
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur() // letters play again
  }
  return (
    <section class={css.instrument} aria-label={t().play.instrument}>
      <div class={css.tools}>
        <Select
          label={t().play.instrument}
          bare
          value={me.instrument}
          options={INSTRUMENTS.map((i) => ({ value: i.id, label: t().instrument[i.id] ?? i.id }))}
          onChange={choose}
        />
        {kind !== 'pads' && (
          <>
            <Button label={t().play.lower} disabled={octave.value <= -2} onPress={() => octave.value--}>
              <Arrow turn={180} />
            </Button>
            <Button label={t().play.higher} disabled={octave.value >= 2} onPress={() => octave.value++}>
              <Arrow turn={0} />
            </Button>
          </>
        )}
        <span class={css.letters}>
          <Toggle
            label={t().play.letters}
            on={letters.value}
            onChange={(on) => {
              letters.value = on
            }}
          />
        </span>
        <Turn me={me} classroom={classroom} />
      </div>
      <div class={css.surface}>
        <Surface
          keys={keys}
          kind={kind}
          off={why !== ''}
          letters={letters.value}
          press={press}
          release={release}
        />
        {why && (
          <p class={css.why}>
            <SeatMark seat={me.seat} size={64} muted />
            {why}
          </p>
        )}
      </div>
    </section>
  )
}

function Arrow({ turn }: { turn: number }) {
  return (
    <svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true">
      <path
        d="M-4-7 4 0-4 7"
        transform={`rotate(${turn})`}
        fill="none"
        stroke="currentColor"
        stroke-width="3"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

/** How often to look whose beat it is, ms. */
const LOOK_MS = 30

/** Lights up on the beats that are mine, if only some are. */
function Turn({ me, classroom }: { me: Member; classroom: RoomClient }) {
  const light = useRef<HTMLParagraphElement>(null)
  const { beats } = me
  useEffect(() => {
    if (beats.length === 0) return
    let lit: boolean | undefined
    const look = () => {
      const state = classroom.state.value
      const mine = state !== null && classroom.clock.synced && onMyBeat(state, beats, classroom.clock.now())
      if (mine !== lit) light.current?.classList.toggle('lit', mine)
      lit = mine
    }
    const timer = setInterval(look, LOOK_MS)
    return () => clearInterval(timer)
  }, [beats, classroom])
  if (beats.length === 0) return null
  return (
    <p ref={light} class={css.turn}>
      <span class={css.words}>{t().play.yourBeats}</span>
      {beats.map((b) => b + 1).join(' · ')}
    </p>
  )
}

/** Middle C, where the lowest key is to begin with. */
const MIDDLE_C = 60

function useKeys(
  instrument: string,
  { root, kind }: Scale,
  octave: number,
): { keys: readonly Key[]; kind: SurfaceKind } {
  const wide = useWide()
  const low = base(instrument) + 12 * octave
  return useMemo(() => {
    if (instrument === 'drums') return { keys: DRUM_PADS, kind: 'pads' }
    if (kind !== 'off') return { keys: scaleKeys({ root, kind }, low + root, wide ? 10 : 8), kind: 'bars' }
    return { keys: pianoKeys(low, wide ? 11 : 7), kind: 'piano' }
  }, [instrument, root, kind, low, wide])
}

/** The C that an instrument starts at. */
function base(instrument: string): number {
  if (instrument === 'bass') return MIDDLE_C - 24
  if (instrument === 'glockenspiel') return MIDDLE_C + 12
  return MIDDLE_C
}

/** Whether there is room for more than an octave. */
function useWide(): boolean {
  const wide = useSignal(matchMedia('(min-width: 900px)').matches)
  useEffect(() => {
    const query = matchMedia('(min-width: 900px)')
    const look = () => {
      wide.value = query.matches
    }
    query.addEventListener('change', look)
    return () => query.removeEventListener('change', look)
  }, [wide])
  return wide.value
}
