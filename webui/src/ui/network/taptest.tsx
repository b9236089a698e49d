import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { LISTEN, TAPS, type TapTest, type TapVerdict } from '../../engine/audio/taptest.ts'
import type { Sound } from '../../engine/play/sound.ts'
import { Button } from '../kit/button.tsx'
import { useCell } from '../kit/usecell.ts'
import { t } from '../words/index.ts'
import { decimal, integer } from './phrases.ts'
import css from './taptest.module.css'

interface TapTestViewProps {
  sound: Sound
  onDone: () => void
}

/** The tap test: what to do, the test itself, and its result. */
export function TapTestView({ sound, onDone }: TapTestViewProps) {
  const test = useSignal<TapTest | null>(null)
  useEffect(() => {
    sound.hush(true)
    return () => {
      test.value?.stop()
      sound.hush(false)
    }
  }, [sound, test])
  const start = async () => {
    await sound.wake()
    test.value?.stop()
    test.value = sound.tapTest()
  }
  if (test.value)
    return <Running key={test.value} test={test.value} sound={sound} onRetry={start} onDone={onDone} />
  return (
    <>
      <p class={css.lead}>{t().tap.lead}</p>
      <p class={css.how}>{t().tap.how}</p>
      <div class={css.choice}>
        <Button onPress={onDone}>{t().join.back}</Button>
        <Button kind="main" onPress={() => void start()}>
          {t().tap.start}
        </Button>
      </div>
    </>
  )
}

interface RunningProps extends TapTestViewProps {
  test: TapTest
  onRetry: () => Promise<void>
}

function Running({ test, sound, onRetry, onDone }: RunningProps) {
  const state = useCell(test.state)
  const { clicks, taps, verdict } = state.value
  if (verdict) return <Result verdict={verdict} sound={sound} onRetry={onRetry} onDone={onDone} />
  return (
    <>
      <TapPad test={test} now={clicks >= LISTEN} />
      <p class={css.count}>
        <span class={css.dots} aria-hidden="true">
          {Array.from({ length: TAPS }, (_, i) => (
            <i key={i} data-on={i < taps} />
          ))}
        </span>
        {t().tap.taps(taps, TAPS)}
      </p>
      <div class={css.choice}>
        <Button onPress={onDone}>{t().tap.stop}</Button>
      </div>
    </>
  )
}

/** A large field to tap. Keys tap too, except those that leave the dialog. */
function TapPad({ test, now }: { test: TapTest; now: boolean }) {
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    ref.current?.focus()
    const press = (e: KeyboardEvent) => {
      if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.key === 'Escape' || e.key === 'Tab') return
      if (e.key.length > 1 && e.key !== 'Enter') return
      if (e.target instanceof HTMLButtonElement && !e.target.dataset.pad && /^( |Enter)$/.test(e.key)) return
      e.preventDefault()
      test.tap(timeOf(e))
    }
    addEventListener('keydown', press, true)
    return () => removeEventListener('keydown', press, true)
  }, [test])
  return (
    <button
      ref={ref}
      type="button"
      class={css.pad}
      data-pad="true"
      data-now={now}
      onPointerDown={(e) => test.tap(timeOf(e))}
    >
      {now ? t().tap.now : t().tap.listen}
    </button>
  )
}

/** Returns when an event happened, on performance.now, ms. A busy page handles it later. */
function timeOf(e: Event): number {
  const now = performance.now()
  return e.timeStamp > now - 1000 && e.timeStamp <= now ? e.timeStamp : now
}

function Result({ verdict, sound, onRetry, onDone }: Omit<RunningProps, 'test'> & { verdict: TapVerdict }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => ref.current?.focus(), [])
  const keep = () => {
    sound.keepTap(verdict)
    onDone()
  }
  return (
    <>
      <div ref={ref} role="status" class={css.result} tabIndex={-1}>
        {verdictText(verdict).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <div class={css.choice}>
        <Button onPress={() => void onRetry()}>{t().tap.again}</Button>
        {verdict.kind === 'found' ? (
          <Button kind="main" onPress={keep}>
            {t().tap.keep}
          </Button>
        ) : (
          <Button onPress={onDone}>{t().join.back}</Button>
        )}
      </div>
    </>
  )
}

/** Returns what a test has found, the most important sentence first. */
export function verdictText(v: TapVerdict): readonly string[] {
  const { tap } = t()
  if (v.kind !== 'found') return [tap[v.kind]]
  const details = [
    tap.steady(integer(v.spreadMs)),
    ...(v.earlyMs > 0 ? [tap.own(decimal(Math.round(v.earlyMs)))] : []),
  ]
  if (v.trimMs === 0) return [tap.fine, ...details]
  const off = integer(Math.abs(v.trimMs))
  return v.trimMs > 0 ? [tap.late(off), tap.willFix, ...details] : [tap.early(off), tap.willWait, ...details]
}
