import type { ComponentChildren } from 'preact'
import css from './button.module.css'

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

/** A line over the screen about how things stand; read out when it appears. */
export function Banner({ children, tone = 'warn' }: { children: ComponentChildren; tone?: 'warn' | 'good' }) {
  return (
    <div class={tone === 'warn' ? css.banner : css.bannerGood} role="status">
      {children}
    </div>
  )
}
