import { t } from '../words/index.ts'
import { Button } from './button.tsx'
import css from './loading.module.css'
import { Logo } from './logo.tsx'

interface LoadingProps {
  failed?: boolean
  /** Instead of "One moment". */
  words?: string
}

/** What the page shows until a screen is loaded. */
export function Loading({ failed = false, words }: LoadingProps) {
  return (
    <main class={css.loading}>
      <Logo size={72} />
      <p role="status">{failed ? t().state.notLoaded : (words ?? t().state.loading)}</p>
      {failed && (
        <Button kind="main" onPress={() => location.reload()}>
          {t().state.reload}
        </Button>
      )}
    </main>
  )
}
