import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { hasPorts, type MidiPorts, type PortWish } from '../../../engine/box/midi.ts'
import { errorText } from '../../staff/errors.ts'

/** How often the page asks for the devices, ms: while it shows one, and while it shows none. */
const SHOWN_MS = 500
const HIDDEN_MS = 5_000

export interface Keyboards {
  readonly ports: Signal<MidiPorts>
  /** Why the last choice did not work; empty if it did. */
  readonly problem: Signal<string>
  /** Changes what a keyboard or an output does. */
  change(id: string, wish: PortWish): void
}

/** Keeps an eye on the MIDI devices that are plugged into the box. shown says that the teacher sees them. */
export function useKeyboards(api: Api, shown: boolean): Keyboards {
  const ports = useSignal<MidiPorts>({ keyboards: [], students: [], outputs: [] })
  const problem = useSignal('')
  useEffect(() => {
    let ended = false
    let timer = 0
    const look = async () => {
      try {
        const now = await api.midi()
        if (!ended) ports.value = now
      } catch {
        // The page says elsewhere that the box is away.
      }
      const live = shown && hasPorts(ports.value)
      if (!ended) timer = window.setTimeout(look, live ? SHOWN_MS : HIDDEN_MS)
    }
    void look()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [api, ports, shown])
  const change = useCallback(
    (id: string, wish: PortWish) => {
      problem.value = ''
      api
        .changePort(id, wish)
        .then((now) => {
          ports.value = now
        })
        .catch((err: unknown) => {
          problem.value = errorText(err)
        })
    },
    [api, ports, problem],
  )
  return { ports, problem, change }
}
