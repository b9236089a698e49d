import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { LISTEN, TAPS, type TapTest, type TapVerdict } from '../../engine/audio/taptest.ts'
import type { Sound } from '../../engine/play/sound.ts'
import { Button } from '../kit/button.tsx'
import { useCell } from '../kit/usecell.ts'
import { t } from '../words/index.ts'
import { fine, whole } from './phrases.ts'
import css from './taptest.module.css'

interface TapViewProps {
  stage: Sound
  onDone: () => void
}

/** The tap test: what to do, the test, and what it has found. */
export function TapTestView({ stage, onDone }: TapViewProps) {
  const test = useSignal<TapTest | null>(null)
  useEffect(() => {
    stage.hush(true)
    return () => {
      test.value?.stop()
      stage.hush(false)
    }
  }, [stage, test])
  const start = async () => {
    await stage.wake()
    test.value?.stop()
    test.value = stage.tapTest()
  }
  if (test.value)
    return <Running key={test.value} test={test.value} stage={stage} onAgain={start} onDone={onDone} />
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

interface RunningProps extends TapViewProps {
  test: TapTest
  onAgain: () => Promise<void>
}

function Running({ test, stage, onAgain, onDone }: RunningProps) {
  const state = useCell(test.state)
  const { clicks, taps, verdict } = state.value
  if (verdict) return <Result verdict={verdict} stage={stage} onAgain={onAgain} onDone={onDone} />
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

/** A large field; any key but those that leave the dialog taps as well. */
function TapPad({ test, now }: { test: TapTest; now: boolean }) {
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    ref.current?.focus()
    const press = (e: KeyboardEvent) => {
      if (e.repeat || e.ctrlKey || e.metaKey || e.altKey || e.key === 'Escape' || e.key === 'Tab') return
      if (e.key.length > 1 && e.key !== 'Enter') return
      if (e.target instanceof HTMLButtonElement && !e.target.dataset.pad && /^( |Enter)$/.test(e.key)) return
      e.preventDefault()
      test.tap(momentOf(e))
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
      onPointerDown={(e) => test.tap(momentOf(e))}
    >
      {now ? t().tap.now : t().tap.listen}
    </button>
  )
}

/** When it happened, on performance.now, ms: not when the page came to look. */
function momentOf(e: Event): number {
  const now = performance.now()
  return e.timeStamp > now - 1000 && e.timeStamp <= now ? e.timeStamp : now
}

function Result({ verdict, stage, onAgain, onDone }: Omit<RunningProps, 'test'> & { verdict: TapVerdict }) {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => ref.current?.focus(), [])
  const keep = () => {
    stage.keepTap(verdict)
    onDone()
  }
  return (
    <>
      <div ref={ref} role="status" class={css.result} tabIndex={-1}>
        {verdictWords(verdict).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <div class={css.choice}>
        <Button onPress={() => void onAgain()}>{t().tap.again}</Button>
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

/** What a test has found, the most important first. */
export function verdictWords(v: TapVerdict): readonly string[] {
  const { tap } = t()
  if (v.kind !== 'found') return [tap[v.kind]]
  const said = [
    tap.steady(whole(v.spreadMs)),
    ...(v.earlyMs > 0 ? [tap.own(fine(Math.round(v.earlyMs)))] : []),
  ]
  if (v.trimMs === 0) return [tap.fine, ...said]
  const off = whole(Math.abs(v.trimMs))
  return v.trimMs > 0 ? [tap.late(off), tap.willFix, ...said] : [tap.early(off), tap.willWait, ...said]
}
