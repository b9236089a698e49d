import type { Phase } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { Logo } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import css from './ended.module.css'

/** Says why the student cannot stay in the room, and leads back to the start. */
export function Ended({ phase, onBack }: { phase: Phase; onBack: () => void }) {
  const texts: Partial<Record<Phase, string>> = t().state
  return (
    <main class={css.ended}>
      <Logo size={88} />
      <div role="alert">
        <h1>{texts[phase] ?? t().problem.other}</h1>
      </div>
      <Button kind="main" big onPress={onBack}>
        {t().state.back}
      </Button>
    </main>
  )
}
