import type { ComponentChildren } from 'preact'
import css from './button.module.css'

type Kind = 'plain' | 'main' | 'quiet' | 'danger'

interface ButtonProps {
  children: ComponentChildren
  onPress: () => void
  kind?: Kind
  /** Whether the button is down, for a button that stays down. Undefined for any other. */
  pressed?: boolean
  disabled?: boolean
  big?: boolean
  /** The name for screen readers, if the button's text says too little. */
  label?: string
  /** The key that does the same, for the tooltip and for screen readers. */
  shortcut?: string
  /** What the pointer is told about a button that shows a picture only. */
  tip?: string
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
  tip,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      class={[css.button, css[kind], big && css.big, rest.class].filter(Boolean).join(' ')}
      aria-pressed={pressed}
      aria-label={label}
      aria-keyshortcuts={shortcut}
      title={shortcut ? `${label ?? ''} (${shortcut})`.trim() : tip}
      disabled={disabled}
      onClick={onPress}
    >
      {children}
    </button>
  )
}

interface CardProps {
  children: ComponentChildren
  class?: string | undefined
  /** Names the card for screen readers, which can then jump to it. */
  label?: string
}

/** A section of the page with a background and a shadow. */
export function Card({ children, label, ...rest }: CardProps) {
  return (
    <section class={[css.card, rest.class].filter(Boolean).join(' ')} aria-label={label}>
      {children}
    </section>
  )
}

/** A message over the screen. Screen readers read it out when it appears. */
export function Banner({ children, tone = 'warn' }: { children: ComponentChildren; tone?: 'warn' | 'good' }) {
  return (
    <div class={tone === 'warn' ? css.banner : css.bannerGood} role="status">
      {children}
    </div>
  )
}
