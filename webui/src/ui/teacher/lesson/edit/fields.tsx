import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { LANGUAGES, type Words, withText, wordsIn } from '../../../../engine/room/teaching.ts'
import { Field, Select } from '../../../kit/form.tsx'
import { language } from '../../../words/language.ts'
import { tt } from '../../../words/teacher.ts'
import css from './edit.module.css'

interface NumberFieldProps {
  label: string
  value: number | undefined
  input: { min: number; max: number; step?: number; placeholder?: string }
  /** undefined for an empty field. */
  onChange: (value: number | undefined) => void
}

/** A number, or nothing. What is typed stays as it is while it means the value. */
export function NumberField({ label, value, input, onChange }: NumberFieldProps) {
  const typed = useSignal('')
  const shown = Object.is(numberOf(typed.value), value) ? typed.value : `${value ?? ''}`
  return (
    <Field
      label={label}
      value={shown}
      input={{ type: 'number', ...input }}
      onInput={(text) => {
        typed.value = text
        onChange(numberOf(text))
      }}
    />
  )
}

function numberOf(text: string): number | undefined {
  return text.trim() === '' ? undefined : Number(text)
}

interface ChoiceProps<T extends string> {
  label: string
  value: T | undefined
  options: readonly { value: T; label: string }[]
  onChange: (value: T | undefined) => void
}

/** A choice of one from a few, or as the steps before have set it. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <Select
      label={label}
      value={value ?? ''}
      options={[{ value: '', label: tt().teaching.stays }, ...options]}
      onChange={(chosen) => onChange(options.find((o) => o.value === chosen)?.value)}
    />
  )
}

interface NumberChoiceProps {
  label: string
  value: number | undefined
  options: readonly number[]
  text: (value: number) => string
  onChange: (value: number | undefined) => void
}

/** A choice of one number from a few, or as the steps before have set it. */
export function NumberChoice({ label, value, options, text, onChange }: NumberChoiceProps) {
  return (
    <Choice
      label={label}
      value={value === undefined ? undefined : `${value}`}
      options={options.map((n) => ({ value: `${n}`, label: text(n) }))}
      onChange={(chosen) => onChange(options.find((n) => `${n}` === chosen))}
    />
  )
}

interface WordsFieldProps {
  label: string
  words: Words | undefined
  /** Letters of one language. */
  most: number
  /** A field that grows with its words. 'sentence' makes a space of each end of a line. */
  long?: 'sentence' | 'lines'
  /** undefined once no language has a text. */
  onChange: (words: Words | undefined) => void
}

/** The texts of some words: a field for each language that they have, that of the page first. */
export function WordsField({ label, words = '', most, long, onChange }: WordsFieldProps) {
  const change = (next: Words) => onChange(LANGUAGES.some((l) => wordsIn(next, l) !== '') ? next : undefined)
  const Lines = long ? LongField : LineField
  const typed = (text: string) => (long === 'sentence' ? text.replace(/\n/g, ' ') : text)
  if (typeof words === 'string')
    return <Lines label={label} value={words} most={most} onInput={(text) => change(typed(text))} />
  const others = LANGUAGES.filter((l) => l !== language.value)
  return [language.value, ...others]
    .filter((l) => words[l] !== undefined)
    .map((l) => (
      <Lines
        key={l}
        label={`${label} (${tt().teaching.languages[l]})`}
        value={words[l] ?? ''}
        most={most}
        onInput={(text) => change(withText(words, l, typed(text)))}
      />
    ))
}

interface LinesProps {
  label: string
  value: string
  most: number
  onInput: (text: string) => void
}

function LineField({ label, value, most, onInput }: LinesProps) {
  return <Field label={label} value={value} input={{ maxLength: most, dir: 'auto' }} onInput={onInput} />
}

function LongField({ label, value, most, onInput }: LinesProps) {
  const id = useId()
  return (
    <div class={css.long}>
      <label for={id}>{label}</label>
      <textarea
        id={id}
        rows={2}
        dir="auto"
        maxLength={most}
        value={value}
        onInput={(e) => onInput(e.currentTarget.value)}
      />
    </div>
  )
}
