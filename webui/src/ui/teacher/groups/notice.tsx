import type { ComponentChildren } from 'preact'
import { groupsApart } from '../../../engine/room/members.ts'
import { GROUPS } from '../../../engine/room/parse.ts'
import { Button } from '../../kit/button.tsx'
import { groupPaint } from '../../kit/groups.ts'
import { tt } from '../../words/teacher.ts'
import { groupsOf } from '../desk/deal.ts'
import type { Desk } from '../desk/desk.ts'
import { keyOf } from '../keys/keys.ts'
import css from './groups.module.css'
import { targetText, whoText } from './who.ts'

/**
 * What is on now, with what ends it: dealing by hand, somebody who plays alone,
 * listening in, an all-call. Then the groups, in and out by one press each. Nothing while nothing is on.
 */
export function HandNotice({ desk }: { desk: Desk }) {
  const dealing = desk.dealing.value
  if (dealing) return <HandDeal desk={desk} now={dealing.group} />
  const state = desk.state.value
  const groups = groupsOf(desk.students.value)
  const listening = state?.you?.listen_in
  const alone = desk.alone.value
  if (!state || !(alone || listening || state.all_call || groups.length > 0)) return null
  const texts = tt().groups
  const deaf = groupsApart(state) && !listening
  return (
    <section class={css.hand} aria-label={texts.hand}>
      {alone && (
        <Held
          words={tt().selected.aloneNow(
            state.alone ? targetText(state.alone, desk.students.value) : whoText(alone),
          )}
          end={tt().selected.again}
          shortcut={keyOf('alone')}
          onEnd={() => desk.toggleSolo()}
        />
      )}
      {listening && (
        <Held
          words={texts.listening(targetText(listening, desk.students.value))}
          end={texts.listenEnd}
          shortcut={keyOf('listen')}
          onEnd={() => desk.commands.listenIn(null)}
        />
      )}
      {state.all_call && (
        <Held
          words={texts.called}
          end={texts.callEnd}
          shortcut={keyOf('allCall')}
          onEnd={() => desk.commands.toggleAllCall()}
        />
      )}
      {deaf && <p role="status">{texts.deaf}</p>}
      {groups.length > 0 && (
        <>
          <Chips label={texts.layers} brief>
            {groups.map(({ group, members }) => (
              <Chip
                key={group}
                group={group}
                label={texts.layer(group)}
                pressed={!members.every((m) => m.muted)}
                onPress={() => desk.commands.toggleMute(members)}
              />
            ))}
          </Chips>
          <Chips label={texts.listen} brief={false}>
            {groups.map(({ group }) => (
              <Chip
                key={group}
                group={group}
                label={`${texts.listen}: ${texts.name(group)}`}
                pressed={listening?.group === group}
                onPress={() => desk.commands.listenIn(listening?.group === group ? null : { group })}
              />
            ))}
          </Chips>
        </>
      )}
    </section>
  )
}

interface HeldProps {
  words: string
  end: string
  shortcut: string
  onEnd: () => void
}

/** Something that is on, and the button that ends it. */
function Held({ words, end, shortcut, onEnd }: HeldProps) {
  return (
    <div class={css.held}>
      <p role="status">{words}</p>
      <Button kind="main" label={end} shortcut={shortcut} onPress={onEnd}>
        {end}
      </Button>
    </div>
  )
}

/** Chooses the group that the next press on a tile puts a student into. */
function HandDeal({ desk, now }: { desk: Desk; now: number | null }) {
  const texts = tt().groups
  return (
    <section class={css.hand} aria-label={texts.hand}>
      <Chips label={texts.press} brief>
        {Array.from({ length: GROUPS }, (_, i) => i + 1).map((group) => (
          <Chip
            key={group}
            group={group}
            label={texts.name(group)}
            pressed={now === group}
            onPress={() => desk.dealByHand(group)}
          />
        ))}
        <Button pressed={now === null} onPress={() => desk.dealByHand(null)}>
          {texts.none}
        </Button>
      </Chips>
      <Button kind="main" label={texts.done} shortcut={keyOf('nobody')} onPress={() => desk.clear()}>
        {texts.done}
      </Button>
    </section>
  )
}

interface ChipsProps {
  label: string
  /** Whether a phone has space for them. */
  brief: boolean
  children: ComponentChildren
}

function Chips({ label, brief, children }: ChipsProps) {
  return (
    <fieldset class={css.chips} data-brief={brief}>
      <legend>{label}</legend>
      {children}
    </fieldset>
  )
}

interface ChipProps {
  group: number
  /** The name for screen readers. The chip shows the number and the colour. */
  label: string
  pressed: boolean
  onPress: () => void
}

function Chip({ group, label, pressed, onPress }: ChipProps) {
  return (
    <button
      type="button"
      class={css.chip}
      style={{ '--seat': groupPaint(group) }}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      onClick={onPress}
    >
      {group}
    </button>
  )
}
