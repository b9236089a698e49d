import type { Sound } from '../../engine/play/sound.ts'
import { Banner, Button } from '../kit/button.tsx'
import { useAsleep } from '../kit/useasleep.ts'
import { t } from '../words/index.ts'

/** Asks for a press while the browser keeps the page silent, as after sleep or a call. */
export function SoundBanner({ sound }: { sound: Sound }) {
  const asleep = useAsleep(sound, false) // a sound that has just been opened may need a moment
  if (!asleep.value) return null
  return (
    <Banner>
      <Button kind="main" onPress={() => void sound.wake()}>
        {t().play.soundOff}
      </Button>
    </Banner>
  )
}
