import { planned } from '../../engine/clock/timeline.ts'
import { GRIDS } from '../../engine/room/bounds.ts'
import { LISTENINGS, MODES, SCALES } from '../../engine/room/parse.ts'
import type { ScaleKind } from '../../engine/room/types.ts'
import { Button } from '../kit/button.tsx'
import { Segmented, Select } from '../kit/form.tsx'
import { LockIcon } from '../staff/icons.tsx'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import { intervals } from './desk/modes.ts'
import { AllCallButton } from './groups/hand.tsx'
import { keyOf } from './keys/keys.ts'
import css from './settings.module.css'

/** The settings of the class: mode, listening, scale and lock. */
export function Settings({ desk }: { desk: Desk }) {
  const state = desk.state.value
  if (!state) return null
  const texts = tt().settings
  return (
    <section class={css.settings} aria-label={texts.label}>
      <Segmented
        label={texts.mode}
        value={state.mode}
        options={MODES.map((m) => ({ value: m, label: texts[m] }))}
        onChange={(mode) => desk.commands.setMode({ mode })}
      />
      <Step desk={desk} />
      <Segmented
        label={texts.listening}
        value={state.listening}
        options={LISTENINGS.map((l) => ({ value: l, label: texts[l] }))}
        onChange={(l) => desk.commands.setListening(l)}
      />
      <div class={css.scale}>
        <div data-action="scale">
          <Select
            label={texts.scale}
            value={state.scale.kind}
            options={SCALES.map((s) => ({ value: s, label: texts.scales[s] }))}
            onChange={(kind) => desk.commands.setScale({ kind: kind as ScaleKind })}
          />
        </div>
        {state.scale.kind !== 'off' && (
          <div data-action="root">
            <Select
              label={texts.root}
              value={`${state.scale.root}`}
              options={texts.roots.map((r, i) => ({ value: `${i}`, label: r }))}
              onChange={(root) => desk.commands.setScale({ root: Number(root) })}
            />
          </div>
        )}
      </div>
      <div class={css.end}>
        <AllCallButton desk={desk} />
        <Button
          class={state.locked ? css.locked : undefined}
          label={state.locked ? texts.locked : texts.lock}
          shortcut={keyOf('lock')}
          onPress={() => desk.commands.toggleLock()}
        >
          <LockIcon open={!state.locked} />
          {state.locked ? texts.locked : texts.lock}
        </Button>
      </div>
    </section>
  )
}

/** The grid of snap mode, or the length of a loop. Live mode has neither. */
function Step({ desk }: { desk: Desk }) {
  const state = desk.state.value
  const texts = tt().settings
  if (state?.mode === 'snap') {
    return (
      <Select
        label={texts.grid}
        value={`${state.grid}`}
        options={GRIDS.map((g) => ({ value: `${g}`, label: plural(g, texts.gridOf) }))}
        onChange={(v) => desk.commands.setMode({ grid: Number(v) })}
      />
    )
  }
  if (state?.mode !== 'loop') return null
  return (
    <Select
      label={texts.interval}
      value={`${state.interval}`}
      options={intervals(planned(state).meter, state.interval).map((n) => ({
        value: `${n}`,
        label: plural(n, tt().bar.meterOf),
      }))}
      onChange={(v) => desk.commands.setMode({ interval: Number(v) })}
    />
  )
}
