import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import { Banner, Button } from '../kit/button.tsx'
import { t } from '../words/index.ts'
import css from './wirelessbanner.module.css'

/** How often to look, ms, and how often in a row the sound must be late: a browser's first word may be wrong. */
const LOOK_MS = 1_000
const LOOKS = 4

/** Says that the headphones are wireless, until the student has read it. */
export function WirelessBanner({ stage }: { stage: Sound }) {
  const looks = useSignal(0)
  const read = useSignal(false)
  useEffect(() => {
    const timer = setInterval(() => {
      const { wireless } = stage.audioTime
      if (!wireless) read.value = false // the next ones are others
      looks.value = wireless ? Math.min(LOOKS, looks.value + 1) : 0
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [stage, looks, read])
  if (looks.value < LOOKS || read.value) return null
  return (
    <Banner>
      <div class={css.words}>
        {t().net.trouble.wireless}
        <Button
          onPress={() => {
            read.value = true
          }}
        >
          {t().net.understood}
        </Button>
      </div>
    </Banner>
  )
}
