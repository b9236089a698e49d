import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import css from './dialog.module.css'

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
}

/**
 * A dialog over the page. Escape closes it. The element with data-focus takes the focus, or else its title, which
 * takes it again when it changes. In the end the focus goes back to where it was.
 */
export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const id = useId()
  const open = useRef(true)
  useEffect(() => {
    const dialog = ref.current
    dialog?.showModal()
    return () => {
      open.current = false
      dialog?.close() // so that the browser gives the focus back
    }
  }, [])
  useEffect(() => {
    const first = ref.current?.querySelector<HTMLElement>('[data-focus]')
    ;(first ?? heading.current)?.focus()
  }, [title])
  return (
    <dialog ref={ref} class={css.dialog} aria-labelledby={id} onClose={() => open.current && onClose()}>
      <h2 ref={heading} id={id} tabIndex={-1}>
        {title}
      </h2>
      {children}
    </dialog>
  )
}
