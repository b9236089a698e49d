import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useCallback, useEffect, useMemo } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { isSilenced } from '../../engine/room/members.ts'
import type { Member, RoomState, Scale } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { Toggle } from '../kit/form.tsx'
import { SeatMark } from '../kit/seatmark.tsx'
import { t } from '../words/index.ts'
import css from './instrument.module.css'
import { InstrumentPicker } from './instruments/picker.tsx'
import { DRUM_PADS, type Key, pianoKeys, scaleKeys } from './keymap.ts'
import { Surface, type SurfaceKind } from './surface.tsx'
import { TaskLine } from './taskline.tsx'

interface InstrumentProps {
  state: RoomState
  me: Member
  client: RoomClient
  sound: Sound
  /** More tools beside the picture. */
  tools: ComponentChildren
}

/** What the student does now, their instrument as a picture to choose it by, and its keys. */
export function Instrument({ state, me, client, sound, tools }: InstrumentProps) {
  const octave = useSignal(0)
  const letters = useSignal(true)
  const { keys, kind } = useKeys(me.instrument, state.scale, octave.value)
  const press = useCallback((note: number, velocity: number) => sound.press(note, velocity), [sound])
  const release = useCallback((note: number) => sound.release(note), [sound])
  const lost = useCallback(() => sound.flush(), [sound])
  const silent = silentText(state, me)
  const choose = (instrument: string) => {
    const { student_id } = me
    client.control('assign_instrument', { student_id, instrument }).catch(() => undefined) // refused: it stays
  }
  return (
    <section class={css.instrument} aria-label={t().play.instrument}>
      <TaskLine state={state} me={me} client={client} />
      <div class={css.tools}>
        <InstrumentPicker instrument={me.instrument} onChoose={choose} />
        {kind !== 'pads' && (
          <>
            <Button label={t().play.lower} disabled={octave.value <= -2} onPress={() => octave.value--}>
              <Arrow angle={180} />
            </Button>
            <Button label={t().play.higher} disabled={octave.value >= 2} onPress={() => octave.value++}>
              <Arrow angle={0} />
            </Button>
          </>
        )}
        {tools}
        <span class={css.letters}>
          <Toggle
            label={t().play.letters}
            on={letters.value}
            onChange={(on) => {
              letters.value = on
            }}
          />
        </span>
      </div>
      <div class={css.surface}>
        <Surface
          keys={keys}
          kind={kind}
          off={silent !== ''}
          letters={letters.value}
          press={press}
          release={release}
          lost={lost}
        />
        {silent && (
          <p class={css.silent}>
            <SeatMark seat={me.seat} size={64} muted />
            {silent}
          </p>
        )}
      </div>
    </section>
  )
}

/** Says why the student may not play at all now; empty if they may. */
function silentText(state: RoomState, me: Member): string {
  if (!isSilenced(state, me)) return ''
  const { play } = t()
  if (me.muted) return play.muted
  return state.quiet ? play.quiet : play.aloneNow
}

function Arrow({ angle }: { angle: number }) {
  return (
    <svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true">
      <path
        d="M-4-7 4 0-4 7"
        transform={`rotate(${angle})`}
        fill="none"
        stroke="currentColor"
        stroke-width="3"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

/** Middle C: the lowest key of most instruments, before the octave is changed. */
const MIDDLE_C = 60

function useKeys(
  instrument: string,
  { root, kind }: Scale,
  octave: number,
): { keys: readonly Key[]; kind: SurfaceKind } {
  const wide = useWide()
  const low = lowestC(instrument) + 12 * octave
  return useMemo(() => {
    if (instrument === 'drums') return { keys: DRUM_PADS, kind: 'pads' }
    if (kind !== 'off') return { keys: scaleKeys({ root, kind }, low + root, wide ? 10 : 8), kind: 'bars' }
    return { keys: pianoKeys(low, wide ? 11 : 7), kind: 'piano' }
  }, [instrument, root, kind, low, wide])
}

/** Returns the C that an instrument starts at. */
function lowestC(instrument: string): number {
  if (instrument === 'bass') return MIDDLE_C - 24
  if (instrument === 'glockenspiel') return MIDDLE_C + 12
  return MIDDLE_C
}

/** Whether the screen has room for more than an octave. */
function useWide(): boolean {
  const wide = useSignal(matchMedia('(min-width: 900px)').matches)
  useEffect(() => {
    const query = matchMedia('(min-width: 900px)')
    const follow = () => {
      wide.value = query.matches
    }
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }, [wide])
  return wide.value
}
