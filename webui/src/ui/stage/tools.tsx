import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { Listening } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { useAsleep } from '../kit/useasleep.ts'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'

interface StageToolsProps {
  sound: Sound
  listening: Listening
}

/** The foot of the stage: what its speaker plays, the language and full screen. */
export function StageTools({ sound, listening }: StageToolsProps) {
  const asleep = useAsleep(sound, sound.asleep)
  const texts = tt().stageView
  return (
    <footer class={css.tools}>
      {asleep.value ? (
        <Button kind="main" big onPress={() => void sound.wake()}>
          {texts.sound}
        </Button>
      ) : (
        <p class={css.hears}>{texts.hears[listening]}</p>
      )}
      <span class={css.corner}>
        <LanguageSwitch />
        <FullScreen />
      </span>
    </footer>
  )
}

function FullScreen() {
  const full = useSignal(document.fullscreenElement !== null)
  useEffect(() => {
    const follow = () => {
      full.value = document.fullscreenElement !== null
    }
    document.addEventListener('fullscreenchange', follow)
    return () => document.removeEventListener('fullscreenchange', follow)
  }, [full])
  if (!document.fullscreenEnabled || full.value) return null
  const fill = () => {
    document.documentElement.requestFullscreen().catch(() => undefined) // refused: the page stays as it is
  }
  return (
    <Button kind="quiet" onPress={fill}>
      {tt().stageView.full}
    </Button>
  )
}
