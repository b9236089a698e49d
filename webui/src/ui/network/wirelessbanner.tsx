import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import { Banner, Button } from '../kit/button.tsx'
import { t } from '../words/index.ts'
import css from './wirelessbanner.module.css'

/** How often to check the sound, ms. */
const CHECK_MS = 1_000
/** How many checks in a row must find wireless sound. A browser's first figures may be wrong. */
const CHECKS = 4

/** Says that the headphones are wireless, until the student presses OK. */
export function WirelessBanner({ sound }: { sound: Sound }) {
  const found = useSignal(0)
  const read = useSignal(false)
  useEffect(() => {
    const timer = setInterval(() => {
      const { wireless } = sound.audioTime
      if (!wireless) read.value = false // the next headphones get a banner too
      found.value = wireless ? Math.min(CHECKS, found.value + 1) : 0
    }, CHECK_MS)
    return () => clearInterval(timer)
  }, [sound, found, read])
  if (found.value < CHECKS || read.value) return null
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
