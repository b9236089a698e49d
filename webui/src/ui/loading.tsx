import css from './loading.module.css'
import { Mark } from './mark.tsx'
import { t } from './strings.ts'

/** What stands here until a screen is there. */
export function Loading({ failed = false }: { failed?: boolean }) {
  return (
    <main class={css.loading}>
      <Mark size={72} />
      <p role="status">{failed ? t().state.notLoaded : t().state.loading}</p>
    </main>
  )
}
