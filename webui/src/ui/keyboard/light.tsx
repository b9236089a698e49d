import css from './light.module.css'

/** A ring that fills while a MIDI device plays. Words beside it say the same. */
export function Light({ on }: { on: boolean }) {
  return <span class={css.light} data-on={on} aria-hidden="true" />
}
