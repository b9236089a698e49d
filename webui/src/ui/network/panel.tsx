import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Sound } from '../../engine/play/sound.ts'
import type { RoomClient } from '../../engine/room/client.ts'
import { troublesOf } from '../../engine/room/report.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Toggle } from '../kit/form.tsx'
import { useCell } from '../kit/usecell.ts'
import { t } from '../words/index.ts'
import css from './panel.module.css'
import { connectionWords, type Fact, factsOf, newsOf, ownReport } from './phrases.ts'
import { TapTestView } from './taptest.tsx'

interface NetworkProps {
  classroom: RoomClient
  stage: Sound
  /** Whether the metronome is switched on elsewhere. */
  clicksElsewhere?: boolean
}

/** How often numbers that are looked at change, ms. */
const LOOK_MS = 1_000

/** The connection in a few words; a press tells more. */
export function NetworkMark(props: NetworkProps & { class?: string | undefined }) {
  const open = useSignal(false)
  const connection = useCell(props.classroom.connection)
  const tick = useTick()
  const report = tick >= 0 ? ownReport(connection.value, props.stage) : null
  const well = report !== null && troublesOf(report).length === 0
  return (
    <>
      <button
        type="button"
        class={[css.mark, props.class].filter(Boolean).join(' ')}
        data-well={well}
        title={t().net.open}
        aria-haspopup="dialog"
        onClick={() => {
          open.value = true
        }}
      >
        {connectionWords(connection.value)}
      </button>
      {open.value && (
        <NetworkPanel
          {...props}
          onClose={() => {
            open.value = false
          }}
        />
      )}
    </>
  )
}

/** Everything about the way to the box and to the ear, and the tap test. */
function NetworkPanel({ onClose, ...props }: NetworkProps & { onClose: () => void }) {
  const testing = useSignal(false)
  const title = testing.value ? t().tap.title : t().net.title
  return (
    <Dialog title={title} onClose={onClose}>
      {testing.value ? (
        <TapTestView
          stage={props.stage}
          onDone={() => {
            testing.value = false
          }}
        />
      ) : (
        <Overview
          {...props}
          onTest={() => {
            testing.value = true
          }}
          onClose={onClose}
        />
      )}
    </Dialog>
  )
}

function Overview(props: NetworkProps & { onTest: () => void; onClose: () => void }) {
  const { classroom, stage, clicksElsewhere = false, onTest, onClose } = props
  const connection = useCell(classroom.connection)
  const tick = useTick()
  const report = tick >= 0 ? ownReport(connection.value, stage) : null
  const { trimMs } = stage.audioTime
  const away = connection.value.phase === 'online' ? t().net.unknown : t().net.offline
  return (
    <>
      <News words={report ? newsOf(report) : [away]} well={!!report && troublesOf(report).length === 0} />
      {report && <Facts facts={factsOf(report, trimMs)} />}
      {!clicksElsewhere && <ClickToggle stage={stage} />}
      <div class={css.choice}>
        <Button onPress={onTest}>{t().tap.open}</Button>
        {trimMs !== 0 && <Button onPress={() => stage.audioTime.setTrim(0)}>{t().net.reset}</Button>}
        <Button kind="main" onPress={onClose}>
          {t().net.close}
        </Button>
      </div>
    </>
  )
}

/** The metronome of this page. */
function ClickToggle({ stage }: { stage: Sound }) {
  const clicks = useSignal(stage.metronome.enabled)
  return (
    <Toggle
      label={t().net.clicks}
      on={clicks.value}
      onChange={(on) => {
        clicks.value = on
        stage.metronome.enabled = on
      }}
    />
  )
}

function News({ words, well }: { words: readonly string[]; well: boolean }) {
  return (
    <ul class={css.news} data-well={well}>
      {words.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  )
}

/** What there is to know, name by name. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class={css.facts}>
      {facts.map(([name, words]) => (
        <div key={name} class={css.fact}>
          <dt>{name}</dt>
          <dd>{words}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Draws a component again every second; gives how often it has. */
function useTick(): number {
  const tick = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      tick.value++
    }, LOOK_MS)
    return () => clearInterval(timer)
  }, [tick])
  return tick.value
}
