import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect, useMemo } from 'preact/hooks'
import { type Remembered, TuningStore } from '../../../engine/midi/tuningstore.ts'
import { WebMidi } from '../../../engine/midi/webmidi.ts'
import { watchLeaving } from '../../../engine/net/wake.ts'
import type { Sound } from '../../../engine/play/sound.ts'
import type { Tuning } from '../../../engine/play/tuning.ts'
import type { RoomClient } from '../../../engine/room/client.ts'

/** The keyboards of this device. */
export interface DeviceMidi {
  readonly midi: WebMidi
  readonly tuning: Signal<Tuning>
  /** Changes which notes the keys give. */
  tune(wish: Partial<Tuning>): void
  /** Plays them. Call it from a press. */
  start(): void
  stop(): void
}

/** Plays the keyboards of this device in a room, if the student wants that. */
export function useWebMidi(client: RoomClient, sound: Sound): DeviceMidi {
  const store = useMemo(() => new TuningStore(), [])
  const tuning = useSignal<Tuning>(store.value)
  const midi = useMemo(() => new WebMidi(instrumentOf(client, sound, store)), [client, sound, store])
  useEffect(() => {
    if (store.value.on) startIfAllowed(midi)
    const unwatch = watchLeaving(() => midi.release())
    return () => {
      unwatch()
      midi.dispose()
    }
  }, [midi, store])
  const keep = useCallback(
    (wish: Partial<Remembered>) => {
      store.set(wish)
      tuning.value = store.value
    },
    [store, tuning],
  )
  return {
    midi,
    tuning,
    tune: keep,
    start: () => {
      keep({ on: true })
      void midi.start()
    },
    stop: () => {
      keep({ on: false })
      midi.stop()
    },
  }
}

/** Returns what the keys play on: the student's own instrument in the room. */
function instrumentOf(client: RoomClient, sound: Sound, store: TuningStore) {
  return {
    press: (note: number, velocity: number) => sound.press(note, velocity),
    release: (note: number) => sound.release(note),
    choose: (instrument: string) => {
      const me = client.me()
      if (!me || me.instrument === instrument) return
      client.control('assign_instrument', { student_id: me.student_id, instrument }).catch(() => undefined) // refused: it stays
    },
    scale: () => (client.me()?.instrument === 'drums' ? null : (client.state.value?.scale ?? null)),
    tuning: () => store.value,
  }
}

/** Plays them without a press, if the browser has been allowed to before: then it does not ask. */
function startIfAllowed(midi: WebMidi): void {
  const name = 'midi' as PermissionName // TypeScript does not know all names
  navigator.permissions
    ?.query({ name })
    .then(({ state }) => (state === 'granted' ? midi.start() : undefined))
    .catch(() => undefined) // not every browser has that permission: the student presses the button
}
