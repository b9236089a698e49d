import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { planned } from '../../../engine/clock/timeline.ts'
import { MAX_BPM, MIN_BPM } from '../../../engine/room/bounds.ts'
import { Button } from '../../kit/button.tsx'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { keyOf } from '../keys/keys.ts'
import css from './bar.module.css'

/** The controls of the tempo: slower, a number to type, faster, and tapping. */
export function Tempo({ desk }: { desk: Desk }) {
  const texts = tt().bar
  return (
    <fieldset class={css.tempo} aria-label={texts.tempo}>
      <Button label={texts.slower} shortcut={keyOf('slower')} onPress={() => desk.commands.changeBpm(-1)}>
        −
      </Button>
      <TypedTempo desk={desk} />
      <Button label={texts.faster} shortcut={keyOf('faster')} onPress={() => desk.commands.changeBpm(1)}>
        +
      </Button>
      <button
        type="button"
        class={css.tap}
        aria-label={texts.tapLabel}
        aria-keyshortcuts={keyOf('tap')}
        title={`${texts.tapLabel} (${keyOf('tap')})`}
        onPointerDown={(e) => desk.commands.tapTempo(e.timeStamp)}
        onClick={(e) => e.detail === 0 && desk.commands.tapTempo(e.timeStamp)}
      >
        {texts.tap}
      </button>
    </fieldset>
  )
}

/** How long the page says that a tempo is out of range, ms. */
const SHOWN_MS = 5_000

/** A tempo to type. Enter sets it, and so does leaving the field; Escape drops it. */
function TypedTempo({ desk }: { desk: Desk }) {
  const draft = useSignal<string | null>(null)
  const wrong = useSignal(false)
  const state = desk.state.value
  const bpm = state ? Math.round(planned(state).bpm) : 0
  const commit = () => {
    const typed = Number(draft.value)
    wrong.value = draft.value !== null && !(typed >= MIN_BPM && typed <= MAX_BPM)
    if (draft.value !== null && !wrong.value && typed !== bpm) desk.commands.setBpm(typed)
    draft.value = null
  }
  useEffect(() => {
    if (!wrong.value) return
    const timer = setTimeout(() => {
      wrong.value = false
    }, SHOWN_MS)
    return () => clearTimeout(timer)
  }, [wrong.value])
  return (
    <div class={css.typed} data-action="bpm">
      <input
        class={css.bpm}
        type="text"
        inputMode="numeric"
        maxLength={3}
        aria-label={tt().bar.tempo}
        aria-invalid={wrong.value}
        title={`${tt().bar.tempo} (${keyOf('bpm')})`}
        value={draft.value ?? bpm}
        onFocus={(e) => e.currentTarget.select()}
        onInput={(e) => {
          draft.value = e.currentTarget.value.replace(/\D/g, '')
          wrong.value = false
        }}
        onBlur={commit}
        onKeyDown={(e) => {
          if (e.key === 'Escape') draft.value = null
          if (e.key === 'Enter' || e.key === 'Escape') e.currentTarget.blur()
        }}
      />
      {wrong.value && (
        <p role="alert" class={css.wrong}>
          {tt().bar.badTempo}
        </p>
      )}
    </div>
  )
}
