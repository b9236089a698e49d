import { planned } from '../../../engine/clock/timeline.ts'
import { METERS } from '../../../engine/room/bounds.ts'
import { Button } from '../../kit/button.tsx'
import { Select } from '../../kit/form.tsx'
import { BackIcon, ClickIcon, HandIcon, PlayIcon, StopIcon } from '../../staff/icons.tsx'
import { plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import { isStopping } from '../desk/commands.ts'
import type { Desk } from '../desk/desk.ts'
import { COUNT_INS } from '../desk/modes.ts'
import { keyOf } from '../keys/keys.ts'
import css from './bar.module.css'
import { BeatLamps } from './beatlamps.tsx'
import { Tempo } from './tempo.tsx'

/** The bar over the class: play, tempo, meter and quiet, always in the same place. */
export function TransportBar({ desk, onLeave }: { desk: Desk; onLeave: () => void }) {
  const state = desk.state.value
  if (!state) return null
  const texts = tt().bar
  return (
    <section class={css.bar} aria-label={texts.label}>
      <div class={css.title}>
        <Button kind="quiet" class={css.back} label={texts.rooms} shortcut={keyOf('rooms')} onPress={onLeave}>
          <BackIcon />
        </Button>
        <h1 class={css.name} title={state.name}>
          {state.name}
        </h1>
      </div>
      <PlayButton desk={desk} />
      <BeatLamps client={desk.client} meter={state.timeline.meter} />
      <Tempo desk={desk} />
      <div class={css.selects}>
        <div data-action="meter">
          <Select
            label={texts.meter}
            value={`${planned(state).meter}`}
            options={METERS.map((m) => ({ value: `${m}`, label: plural(m, texts.meterOf) }))}
            onChange={(v) => desk.commands.setMeter(Number(v))}
          />
        </div>
        <Select
          label={texts.countIn}
          value={`${state.count_in}`}
          options={COUNT_INS.map((n) => ({
            value: `${n}`,
            label: n === 0 ? texts.noCountIn : plural(n, texts.countInOf),
          }))}
          onChange={(v) => desk.commands.setCountIn(Number(v))}
        />
        <Button
          class={css.click}
          label={tt().help.actions.click}
          shortcut={keyOf('click')}
          pressed={desk.clicks.value}
          onPress={() => desk.toggleClicks()}
        >
          <ClickIcon />
        </Button>
      </div>
      <QuietButton desk={desk} />
    </section>
  )
}

function PlayButton({ desk }: { desk: Desk }) {
  const state = desk.state.value
  const running = state !== null && planned(state).running
  const waiting = state?.next != null && running !== state.timeline.running
  const stopping = state !== null && isStopping(state)
  const texts = tt().bar
  const name = stopping ? texts.cut : running ? texts.stop : texts.play
  return (
    <button
      type="button"
      class={running || stopping ? css.stop : css.play}
      data-waiting={waiting}
      aria-keyshortcuts={keyOf('play')}
      title={`${name} (${tt().help.space})`}
      onClick={() => desk.commands.togglePlaying()}
    >
      {running || stopping ? <StopIcon /> : <PlayIcon />}
      <span>{name}</span>
      <span class="visually-hidden" role="status">
        {waiting && (running ? texts.starts : texts.stops)}
      </span>
    </button>
  )
}

function QuietButton({ desk }: { desk: Desk }) {
  const quiet = desk.state.value?.quiet === true
  const texts = tt().bar
  return (
    <button
      type="button"
      class={css.quiet}
      data-on={quiet}
      aria-keyshortcuts={keyOf('quiet')}
      title={`${texts.quiet} (${keyOf('quiet')})`}
      onClick={() => desk.commands.toggleQuiet()}
    >
      <HandIcon />
      <span>{quiet ? texts.quietOn : texts.quiet}</span>
      <span class="visually-hidden" role="status">
        {quiet && texts.quietNow}
      </span>
    </button>
  )
}
