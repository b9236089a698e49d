import { type Signal, useSignal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useCallback } from 'preact/hooks'
import { openAudio } from '../../engine/audio/context.ts'
import { Api, type Seat } from '../../engine/box/api.ts'
import { SeatStore } from '../../engine/box/seatstore.ts'
import { Loading } from '../kit/loading.tsx'
import { Join } from './join.tsx'
import type { PlayProps } from './props.ts'
import { errorText, resumeSeat } from './seat.ts'

const api = new Api()
const seatStore = new SeatStore()

interface Joined {
  seat: Seat
  audio: AudioContext
}

/** The students' screens: join, then play. The play screen loads while the student reads their name. */
export function Student() {
  const joined = useSignal<Joined | null>(null)
  const problem = useSignal('')
  const { Play, failed, load } = useLazyPlay()
  const leave = useCallback(() => {
    void joined.value?.audio.close()
    joined.value = null
  }, [joined])
  const onLeave = useCallback(() => {
    problem.value = ''
    leave()
  }, [problem, leave])
  const onRefused = useCallback(
    (seat: Seat) => {
      resumeSeat(api, seatStore, seat.room.code).then(
        (renewed) => {
          if (joined.value) joined.value = { ...joined.value, seat: renewed }
        },
        (err: unknown) => {
          problem.value = errorText(err)
          leave()
        },
      )
    },
    [joined, problem, leave],
  )
  const onPlay = (seat: Seat) => {
    joined.value = { seat, audio: openAudio() }
  }
  if (!joined.value) {
    return <Join api={api} seatStore={seatStore} problem={problem.value} onSeated={load} onPlay={onPlay} />
  }
  const Screen = Play.value
  if (!Screen) return <Loading failed={failed.value} />
  return <Screen {...joined.value} api={api} seatStore={seatStore} onLeave={onLeave} onRefused={onRefused} />
}

interface LazyPlay {
  /** Null until load has loaded it. */
  Play: Signal<ComponentType<PlayProps> | null>
  failed: Signal<boolean>
  load: () => void
}

function useLazyPlay(): LazyPlay {
  const Play = useSignal<ComponentType<PlayProps> | null>(null)
  const failed = useSignal(false)
  const load = () => {
    import('./play.tsx').then(
      (screen) => {
        Play.value = screen.Play
      },
      () => {
        failed.value = true
      },
    )
  }
  return { Play, failed, load }
}
