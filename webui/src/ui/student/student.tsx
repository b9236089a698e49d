import { type Signal, useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useCallback } from 'preact/hooks'
import { Api, type Seat } from '../../engine/box/api.ts'
import { SeatStore } from '../../engine/box/seatstore.ts'
import { Loading } from '../kit/loading.tsx'
import { Join } from './join.tsx'
import { enter, sentence } from './seating.ts'

/** What the play screen needs from the door. */
export interface PlayProps {
  seat: Seat
  /** Made by the press of the Play button, which is what lets a page sound. */
  audio: AudioContext
  session: SeatStore
  /** Back to the door. */
  onLeave: () => void
  /** The box no longer knows the seat's token. */
  onRefused: (seat: Seat) => void
}

const api = new Api()
const session = new SeatStore()

interface Inside {
  seat: Seat
  audio: AudioContext
}

/** The students' way in: join, then play. The play screen loads while the child reads her name. */
export function Door() {
  const inside = useSignal<Inside | null>(null)
  const problem = useSignal('')
  const { Play, failed, prepare } = usePlay()
  const leave = useCallback(() => {
    void inside.value?.audio.close()
    inside.value = null
  }, [inside])
  const onLeave = useCallback(() => {
    problem.value = ''
    leave()
  }, [problem, leave])
  const onRefused = useCallback(
    (seat: Seat) => {
      enter(api, session, seat.room.code).then(
        (again) => {
          if (inside.value) inside.value = { ...inside.value, seat: again }
        },
        (err: unknown) => {
          problem.value = sentence(err)
          leave()
        },
      )
    },
    [inside, problem, leave],
  )
  const onPlay = (seat: Seat) => {
    inside.value = { seat, audio: new AudioContext({ latencyHint: 'interactive' }) }
  }
  if (!inside.value) {
    return <Join api={api} session={session} problem={problem.value} onSeated={prepare} onPlay={onPlay} />
  }
  const Screen = Play.value
  if (!Screen) return <Loading failed={failed.value} />
  return <Screen {...inside.value} session={session} onLeave={onLeave} onRefused={onRefused} />
}

interface Later {
  Play: Signal<ComponentType<PlayProps> | null>
  failed: Signal<boolean>
  prepare: () => void
}

/** The play screen, once it is loaded. */
function usePlay(): Later {
  const Play = useSignal<ComponentType<PlayProps> | null>(null)
  const failed = useSignal(false)
  const prepare = () => {
    import('./play.tsx').then(
      (screen) => {
        Play.value = screen.Play
      },
      () => {
        failed.value = true
      },
    )
  }
  return { Play, failed, prepare }
}
