import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import css from './kit.module.css'

type Kind = 'plain' | 'main' | 'quiet' | 'danger'

interface ButtonProps {
  children: ComponentChildren
  onPress: () => void
  kind?: Kind
  /** Pressed, for a button that stays down; leave it out for one that does not. */
  pressed?: boolean
  disabled?: boolean
  big?: boolean
  /** For screen readers, when the face says too little. */
  label?: string
  /** The key that does the same, for the tooltip and screen readers. */
  shortcut?: string
  class?: string | undefined
}

/** A button of at least 44 px. */
export function Button({
  children,
  onPress,
  kind = 'plain',
  pressed,
  disabled,
  big,
  label,
  shortcut,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      class={[css.button, css[kind], big && css.big, rest.class].filter(Boolean).join(' ')}
      aria-pressed={pressed}
      aria-label={label}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${label ?? ''} (${shortcut})`.trim() : undefined}
      disabled={disabled}
      onClick={onPress}
    >
      {children}
    </button>
  )
}

interface FieldProps {
  label: string
  value: string
  onInput: (value: string) => void
  /** One sentence under the field when it is wrong. */
  problem?: string | undefined
  hint?: string
  /** What the browser needs to know of an input. */
  input?: JSX.IntrinsicElements['input']
  large?: boolean
  /** Takes the focus when it appears. */
  focus?: boolean
}

/** A labelled input, with what is wrong with it said under it. */
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

/** Something that is on or off. */
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

interface CardProps {
  children: ComponentChildren
  class?: string | undefined
  /** Names the card for screen readers, and makes it a place they can go to. */
  label?: string
}

/** A sheet of paper on the page. */
export function Card({ children, label, ...rest }: CardProps) {
  return (
    <section class={[css.card, rest.class].filter(Boolean).join(' ')} aria-label={label}>
      {children}
    </section>
  )
}

interface SegmentedProps<T extends string> {
  label: string
  value: T
  options: readonly { value: T; label: string }[]
  onChange: (value: T) => void
  /** Leaves the label to screen readers. */
  bare?: boolean
}

/** One of a few, all in sight: radio buttons that look like one strip. */
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

interface SelectProps {
  label: string
  value: string
  options: readonly { value: string; label: string }[]
  onChange: (value: string) => void
  bare?: boolean
}

/** One of many. */
export function Select({ label, value, options, onChange, bare }: SelectProps) {
  const id = useId()
  return (
    <div class={css.select}>
      <label for={id} class={bare ? 'visually-hidden' : css.legend}>
        {label}
      </label>
      <select id={id} value={value} onChange={(e) => onChange(e.currentTarget.value)}>
        {options.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </select>
    </div>
  )
}

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
}

/** A dialog over the page; Escape closes it. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    ref.current?.showModal()
  }, [])
  return (
    <dialog ref={ref} class={css.dialog} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

/** A line over the screen about how things stand; read out when it appears. */
export function Banner({ children, tone = 'warn' }: { children: ComponentChildren; tone?: 'warn' | 'good' }) {
  return (
    <div class={tone === 'warn' ? css.banner : css.bannerGood} role="status">
      {children}
    </div>
  )
}
