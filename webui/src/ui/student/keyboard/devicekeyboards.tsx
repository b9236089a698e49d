import { webMidiSupport } from '../../../engine/midi/webmidi.ts'
import { Light } from '../../keyboard/light.tsx'
import { TuningForm } from '../../keyboard/tuning.tsx'
import { Button } from '../../kit/button.tsx'
import { useCell } from '../../kit/usecell.ts'
import { t } from '../../words/index.ts'
import css from './keyboard.module.css'
import type { DeviceMidi } from './usewebmidi.ts'

/** The keyboards that are plugged into this device, or what to do instead. */
export function DeviceKeyboards({ device }: { device: DeviceMidi }) {
  const support = webMidiSupport()
  if (support !== 'yes') return <p>{t().keyboard.device[support]}</p>
  return <Supported device={device} />
}

function Supported({ device }: { device: DeviceMidi }) {
  const texts = t().keyboard.device
  const state = useCell(device.midi.state).value
  const keyboards = useCell(device.midi.keyboards).value
  if (state === 'on') {
    return (
      <div class={css.box}>
        {keyboards.length === 0 && <p role="status">{texts.none}</p>}
        <ul class={css.list}>
          {keyboards.map((k) => (
            <li key={k.id} class={css.row}>
              <Light on={k.playing} />
              <b class={css.name}>{k.name}</b>
            </li>
          ))}
        </ul>
        {keyboards.length > 0 && (
          <TuningForm
            name={keyboards.map((k) => k.name).join(', ')}
            tuning={device.tuning.value}
            onFit={(fit) => device.tune({ fit })}
            onOctave={(octave) => device.tune({ octave })}
          />
        )}
        <Button kind="quiet" onPress={device.stop}>
          {texts.stop}
        </Button>
      </div>
    )
  }
  return (
    <div class={css.box}>
      <p role="status">{state !== 'off' && texts[state]}</p>
      <Button disabled={state === 'asking'} onPress={device.start}>
        {texts.use}
      </Button>
    </div>
  )
}
