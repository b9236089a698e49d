import type { Step } from '../../../../engine/lesson/types.ts'
import { GRIDS, METERS } from '../../../../engine/room/bounds.ts'
import { LISTENINGS, SCALES } from '../../../../engine/room/parse.ts'
import { Select } from '../../../kit/form.tsx'
import { plural } from '../../../words/language.ts'
import { tt } from '../../../words/teacher.ts'
import { intervals } from '../../desk/modes.ts'
import css from './edit.module.css'
import { Choice, NumberChoice } from './fields.tsx'

interface StepSettingsProps {
  step: Step
  /** The beats of a bar in the step. */
  meter: number
  set: <K extends keyof Step>(name: K, value: Step[K] | undefined) => void
}

/** What a step sets of the room, apart from mode and tempo. */
export function StepSettings({ step, meter, set }: StepSettingsProps) {
  const texts = tt().settings
  const { scale } = step
  return (
    <div class={css.row}>
      <Choice
        label={texts.scale}
        value={scale?.kind}
        options={SCALES.map((kind) => ({ value: kind, label: texts.scales[kind] }))}
        onChange={(kind) => set('scale', kind && { root: scale?.root ?? 0, kind })}
      />
      {scale && scale.kind !== 'off' && (
        <Select
          label={texts.root}
          value={`${scale.root}`}
          options={texts.roots.map((root, i) => ({ value: `${i}`, label: root }))}
          onChange={(root) => set('scale', { ...scale, root: Number(root) })}
        />
      )}
      <NumberChoice
        label={tt().bar.meter}
        value={step.meter}
        options={METERS}
        text={(n) => plural(n, tt().bar.meterOf)}
        onChange={(beats) => set('meter', beats)}
      />
      <Choice
        label={tt().teaching.music}
        value={step.music}
        options={[
          { value: 'start', label: tt().bar.play },
          { value: 'stop', label: tt().bar.stop },
        ]}
        onChange={(music) => set('music', music)}
      />
      <Choice
        label={texts.listening}
        value={step.listening}
        options={LISTENINGS.map((l) => ({ value: l, label: texts[l] }))}
        onChange={(listening) => set('listening', listening)}
      />
      <NumberChoice
        label={texts.grid}
        value={step.grid}
        options={GRIDS}
        text={(n) => plural(n, texts.gridOf)}
        onChange={(grid) => set('grid', grid)}
      />
      <NumberChoice
        label={texts.interval}
        value={step.interval}
        options={intervals(meter, step.interval ?? meter)}
        text={(n) => plural(n, tt().bar.meterOf)}
        onChange={(interval) => set('interval', interval)}
      />
    </div>
  )
}
