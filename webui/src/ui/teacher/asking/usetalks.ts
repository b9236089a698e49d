import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RecordsApi, TalkState } from '../../../engine/box/records.ts'

interface Talks {
  states: ReadonlySignal<ReadonlyMap<string, TalkState>>
  set: (reflection: string, state: TalkState) => void
}

/** Follows what became of the wishes to talk. A change that the box refuses is taken back. */
export function useTalks(records: RecordsApi): Talks {
  const states = useSignal<ReadonlyMap<string, TalkState>>(new Map())
  const read = () => {
    records.talks().then(
      (all) => {
        states.value = all
      },
      () => undefined, // the page says elsewhere that the box is away
    )
  }
  useEffect(read, [records])
  return {
    states,
    set: (reflection, state) => {
      states.value = new Map([...states.value, [reflection, state]])
      records.setTalk(reflection, state).catch(read)
    },
  }
}
