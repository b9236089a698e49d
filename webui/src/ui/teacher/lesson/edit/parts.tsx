import { INSTRUMENTS } from '../../../../engine/audio/instruments.ts'
import { withElement, withField } from '../../../../engine/lesson/edit.ts'
import { MAX_PARTS, MAX_ROLE } from '../../../../engine/lesson/step.ts'
import type { Part } from '../../../../engine/lesson/types.ts'
import { Button } from '../../../kit/button.tsx'
import { Select } from '../../../kit/form.tsx'
import { t } from '../../../words/index.ts'
import { tt } from '../../../words/teacher.ts'
import { withBeat } from '../../desk/students.ts'
import css from './edit.module.css'
import { Choice, WordsField } from './fields.tsx'

interface PartsProps {
  parts: readonly Part[] | undefined
  /** The beats of a bar in the step. */
  meter: number
  onChange: (parts: readonly Part[] | undefined) => void
}

/** What groups of students play. Parts are dealt by seat, around and around. */
export function Parts({ parts, meter, onChange }: PartsProps) {
  const texts = tt().teaching
  return (
    <>
      <Choice
        label={texts.parts}
        value={parts && (parts.length > 0 ? 'some' : 'none')}
        options={[
          { value: 'none', label: texts.noParts },
          { value: 'some', label: texts.someParts },
        ]}
        onChange={(kind) => onChange(kind && (kind === 'some' ? [{}] : []))}
      />
      {parts?.map((part, i) => (
        <EditPart
          key={i}
          part={part}
          place={i + 1}
          meter={meter}
          onChange={(next) => onChange(withElement(parts, i, next))}
          onRemove={() => onChange(withElement(parts, i, undefined))}
        />
      ))}
      {parts && parts.length > 0 && parts.length < MAX_PARTS && (
        <Button onPress={() => onChange([...parts, {}])}>{texts.addPart}</Button>
      )}
    </>
  )
}

interface EditPartProps {
  part: Part
  /** Counted from 1. */
  place: number
  meter: number
  onChange: (part: Part) => void
  onRemove: () => void
}

function EditPart({ part, place, meter, onChange, onRemove }: EditPartProps) {
  const texts = tt().teaching
  const beats = part.beats ?? []
  const cells = Math.max(meter, ...beats.map((b) => b + 1))
  return (
    <fieldset class={css.part}>
      <legend>{texts.partName(place)}</legend>
      <WordsField
        label={tt().selected.part}
        words={part.role}
        most={MAX_ROLE}
        onChange={(role) => onChange(withField(part, 'role', role))}
      />
      <fieldset class={css.beats}>
        <legend>{tt().selected.beats}</legend>
        <Button pressed={beats.length === 0} onPress={() => onChange(withField(part, 'beats', undefined))}>
          {tt().selected.everyBeat}
        </Button>
        {Array.from({ length: cells }, (_, beat) => (
          <Button
            key={beat}
            label={tt().selected.beat(beat + 1)}
            pressed={beats.includes(beat)}
            onPress={() =>
              onChange(withField(part, 'beats', withBeat(beats, beat, !beats.includes(beat), cells)))
            }
          >
            {beat + 1}
          </Button>
        ))}
      </fieldset>
      <Select
        label={tt().selected.instrument}
        value={part.instrument ?? ''}
        options={[
          { value: '', label: texts.theirs },
          ...INSTRUMENTS.map((i) => ({ value: i.id, label: t().instrument[i.id] ?? i.id })),
        ]}
        onChange={(instrument) => onChange(withField(part, 'instrument', instrument || undefined))}
      />
      <Button label={texts.removePart(place)} onPress={onRemove}>
        {texts.remove}
      </Button>
    </fieldset>
  )
}
