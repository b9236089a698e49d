import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { useAsleep } from '../kit/useasleep.ts'
import { tt } from '../words/teacher.ts'
import type { StagePrefs } from './prefs.ts'
import { StageSettings } from './settings.tsx'
import css from './stage.module.css'

interface StageToolsProps {
  sound: Sound
  state: RoomState
  prefs: Signal<StagePrefs>
}

/** The foot of the stage: what its speaker plays, the settings of this screen and full screen. */
export function StageTools({ sound, state, prefs }: StageToolsProps) {
  const asleep = useAsleep(sound, sound.asleep)
  const open = useSignal(false)
  const texts = tt().stageView
  return (
    <footer class={css.tools}>
      {asleep.value ? (
        <Button kind="main" big onPress={() => void sound.wake()}>
          {texts.sound}
        </Button>
      ) : (
        <p class={css.hears}>{texts.hears[state.listening]}</p>
      )}
      <span class={css.corner}>
        <Button
          kind="quiet"
          onPress={() => {
            open.value = true
          }}
        >
          {texts.settings}
        </Button>
        <FullScreen />
      </span>
      {open.value && (
        <StageSettings
          code={state.code}
          prefs={prefs}
          onClose={() => {
            open.value = false
          }}
        />
      )}
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
