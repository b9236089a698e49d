import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../words/index.ts'
import { language } from '../words/language.ts'
import { DrumPicture } from './instruments/pictures.tsx'
import { type Key, noteName, pianoRows, printed } from './keymap.ts'
import { NoteInput } from './noteinput.ts'
import css from './surface.module.css'

interface SurfaceProps {
  keys: readonly Key[]
  kind: SurfaceKind
  /** Whether the student cannot play now. The whole surface is then dim. */
  off: boolean
  /** Whether computer keys play. */
  letters: boolean
  press: (note: number, velocity: number) => void
  release: (note: number) => void
  /** See NoteInputOptions. */
  lost: () => void
}

/** A piano, bars for the notes of a scale, or pads of a drum kit. */
export type SurfaceKind = 'piano' | 'bars' | 'pads'

/** The keys of an instrument. */
export function Surface({ keys, kind, off, letters, press, release, lost }: SurfaceProps) {
  const ref = useRef<HTMLFieldSetElement>(null)
  const legends = useSignal<ReadonlyMap<string, string>>(new Map())
  useEffect(() => {
    if (!ref.current || off) return
    const codes = new Map(letters ? keys.flatMap((k) => (k.code ? [[k.code, k.note] as const] : [])) : [])
    const legend = (code: string, key: string) => {
      const upper = key.toUpperCase()
      if (upper.length !== 1 || printed(code, legends.value) === upper) return
      legends.value = new Map(legends.value).set(code, upper)
    }
    const middle = kind === 'pads'
    const input = new NoteInput(ref.current, { press, release, lost, codes, legend, middle })
    return () => input.dispose()
  }, [keys, kind, off, letters, press, release, lost, legends])
  return (
    <fieldset
      ref={ref}
      class={`${css.surface} ${css[kind]} ${off ? css.off : ''}`}
      aria-label={t().play.keys}
    >
      {(kind === 'piano' ? pianoRows(keys) : [keys]).map((row) => (
        <div key={row[0]?.note} class={css.row}>
          {row.map((k, i) => (
            <SurfaceKey
              key={k.note}
              of={k}
              kind={kind}
              off={off}
              letter={letters ? printed(k.code, legends.value) : ''}
              slope={i / row.length}
            />
          ))}
        </div>
      ))}
    </fieldset>
  )
}

interface SurfaceKeyProps {
  of: Key
  kind: SurfaceKind
  off: boolean
  letter: string
  /** From 0 for the first key to nearly 1 for the last. Higher bars are shorter. */
  slope: number
}

function SurfaceKey({ of: k, kind, off, letter, slope }: SurfaceKeyProps) {
  const name =
    kind === 'pads' ? (t().drum[k.note] ?? noteName(k.note)) : noteName(k.note, language.value === 'es')
  return (
    <button
      type="button"
      class={k.black ? css.black : k.home ? css.home : css.key}
      style={{ '--slope': slope.toFixed(2) }}
      data-note={k.note}
      aria-keyshortcuts={letter || undefined}
      aria-disabled={off}
    >
      {kind === 'pads' && <DrumPicture of={k.note} />}
      <span class={k.black ? 'visually-hidden' : css.name}>{name}</span>
      {letter && (
        <span class={css.cap} aria-hidden="true">
          {letter}
        </span>
      )}
    </button>
  )
}
