import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { Listening } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'

interface StageToolsProps {
  audio: AudioContext
  sound: Sound
  listening: Listening
}

/** What somebody at the projector's computer needs now and then. */
export function StageTools({ audio, sound, listening }: StageToolsProps) {
  const awake = useSignal(audio.state === 'running')
  useEffect(() => {
    const look = () => {
      awake.value = audio.state === 'running'
    }
    look()
    audio.addEventListener('statechange', look)
    return () => audio.removeEventListener('statechange', look)
  }, [audio, awake])
  const texts = tt().stageView
  return (
    <footer class={css.tools}>
      {awake.value ? (
        <p class={css.hears}>{texts.hears[listening]}</p>
      ) : (
        <Button kind="main" big onPress={() => void sound.wake()}>
          {texts.sound}
        </Button>
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
    const look = () => {
      full.value = document.fullscreenElement !== null
    }
    document.addEventListener('fullscreenchange', look)
    return () => document.removeEventListener('fullscreenchange', look)
  }, [full])
  if (!document.fullscreenEnabled || full.value) return null
  const fill = () => {
    document.documentElement.requestFullscreen().catch(() => undefined) // the browser says no: it stays as it is
  }
  return (
    <Button kind="quiet" onPress={fill}>
      {tt().stageView.full}
    </Button>
  )
}
