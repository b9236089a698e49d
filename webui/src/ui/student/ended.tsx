import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { Connection, Phase } from '../../engine/room/types.ts'
import { Banner, Button } from '../kit/button.tsx'
import { Logo } from '../kit/logo.tsx'
import { t } from '../words/index.ts'
import css from './ended.module.css'

/** What stands here when there is no way on in this room. */
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

/** How long the box may be away before it is said, ms: most gaps heal by themselves. */
const PATIENCE_MS = 2_000

/** Says that the box is away, once it has been for a while. */
export function OfflineBanner({ connection }: { connection: Connection }) {
  const told = useSignal(false)
  const away = connection.phase === 'offline'
  useEffect(() => {
    told.value = false
    if (!away) return
    const timer = setTimeout(() => {
      told.value = true
    }, PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [away, told])
  return told.value ? <Banner>{t().state.offline}</Banner> : null
}

/** How often to look whether the browser lets the page sound, ms. */
const LOOK_MS = 1_000

/** Asks for a press when the browser keeps the page silent: after sleep, or a call. */
export function SoundBanner({ stage }: { stage: Sound }) {
  const asleep = useSignal(false)
  useEffect(() => {
    const timer = setInterval(() => {
      asleep.value = stage.asleep
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [stage, asleep])
  if (!asleep.value) return null
  const wake = () => {
    stage.wake().then(() => {
      asleep.value = stage.asleep
    })
  }
  return (
    <Banner>
      <Button kind="main" onPress={wake}>
        {t().play.soundOff}
      </Button>
    </Banner>
  )
}
