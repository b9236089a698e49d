import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import css from './form.module.css'

interface FieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  /** A sentence about what is wrong, shown under the field. */
  problem?: string | undefined
  hint?: string
  /** More attributes of the input element. */
  input?: JSX.IntrinsicElements['input']
  large?: boolean
  /** Takes the focus when it appears. */
  focus?: boolean
}

/** An input with a label above it, and a hint or a problem under it. */
export function Field({ label, value, onInput, problem, hint, input, large, focus = false }: FieldProps) {
  const id = useId()
  const ref = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (focus) ref.current?.focus()
  }, [focus])
  const note = problem ?? hint
  return (
    <div class={css.field}>
      <label for={id}>{label}</label>
      <input
        {...input}
        ref={ref}
        id={id}
        class={large ? css.largeInput : css.input}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={note ? `${id}-note` : undefined}
        onInput={(e) => onInput(e.currentTarget.value)}
      />
      <p id={`${id}-note`} class={problem ? css.problem : css.hint} role={problem ? 'alert' : undefined}>
        {note}
      </p>
    </div>
  )
}

interface ToggleProps {
  label: ComponentChildren
  on: boolean
  onChange: (on: boolean) => void
  disabled?: boolean
}

/** A switch: on or off. */
export function Toggle({ label, on, onChange, disabled = false }: ToggleProps) {
  return (
    <label class={css.toggle}>
      <input
        type="checkbox"
        class="visually-hidden"
        checked={on}
        disabled={disabled}
        onChange={(e) => onChange(e.currentTarget.checked)}
      />
      <span class={css.track} aria-hidden="true" />
      {label}
    </label>
  )
}

interface SegmentedProps<T extends string> {
  label: string
  value: T
  options: readonly { value: T; label: string }[]
  onChange: (value: T) => void
  /** Shows the label to screen readers only. */
  bare?: boolean
}

/** A choice of one from a few: radio buttons that look like one strip. */
export function Segmented<T extends string>({ label, value, options, onChange, bare }: SegmentedProps<T>) {
  const name = useId()
  return (
    <fieldset class={css.segmented}>
      <legend class={bare ? 'visually-hidden' : css.legend}>{label}</legend>
      <div class={css.strip}>
        {options.map((o) => (
          <label key={o.value} class={o.value === value ? css.chosen : css.choice}>
            <input
              type="radio"
              class="visually-hidden"
              name={name}
              checked={o.value === value}
              onChange={() => onChange(o.value)}
            />
            {o.label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface Option {
  value: string
  label: string
  /** The title of the group of options that it stands in, with its neighbours. */
  group?: string
}

interface SelectProps {
  label: string
  value: string
  options: readonly Option[]
  onChange: (value: string) => void
  bare?: boolean
}

/** A choice of one from many. */
export function Select({ label, value, options, onChange, bare }: SelectProps) {
  const id = useId()
  return (
    <div class={css.select}>
      <label for={id} class={bare ? 'visually-hidden' : css.legend}>
        {label}
      </label>
      <select id={id} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {grouped(options).map(({ group, members }) =>
          group === undefined ? (
            <Options key="" options={members} />
          ) : (
            <optgroup key={group} label={group}>
              <Options options={members} />
            </optgroup>
          ),
        )}
      </select>
    </div>
  )
}

function Options({ options }: { options: readonly Option[] }) {
  return options.map((o) => (
    <option key={o.value} value={o.value}>
      {o.label}
    </option>
  ))
}

/** Returns the options by group; neighbours of one group are together. */
function grouped(options: readonly Option[]): { group: string | undefined; members: Option[] }[] {
  const groups: { group: string | undefined; members: Option[] }[] = []
  for (const option of options) {
    const last = groups.at(-1)
    if (last && last.group === option.group) last.members.push(option)
    else groups.push({ group: option.group, members: [option] })
  }
  return groups
}
