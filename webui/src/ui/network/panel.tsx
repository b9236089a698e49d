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
import { connectionText, type Fact, factsOf, reportOfPage, summaryOf } from './phrases.ts'
import { TapTestView } from './taptest.tsx'

interface NetworkProps {
  client: RoomClient
  sound: Sound
  /** Whether another control of the screen switches the metronome. */
  clicksElsewhere?: boolean
}

/** How often the figures are read again, ms. */
const REFRESH_MS = 1_000

interface NetworkButtonProps extends NetworkProps {
  class?: string | undefined
  /** Shows a mark alone while all is well. Screen readers hear the words all the same. */
  brief?: boolean
}

/** The connection in a few words, on a button that opens the panel. */
export function NetworkButton({ brief = false, ...props }: NetworkButtonProps) {
  const open = useSignal(false)
  const connection = useCell(props.client.connection)
  const tick = useTick()
  const report = tick >= 0 ? reportOfPage(connection.value, props.sound) : null
  const words = connectionText(connection.value)
  const well = report !== null && troublesOf(report).length === 0
  return (
    <>
      <button
        type="button"
        class={[css.mark, props.class].filter(Boolean).join(' ')}
        data-well={well}
        title={brief ? `${t().net.open} ${words}` : t().net.open}
        aria-haspopup="dialog"
        onClick={() => {
          open.value = true
        }}
      >
        {brief && well ? <span class="visually-hidden">{words}</span> : words}
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

/** The figures of the network and the sound, or the tap test. */
function NetworkPanel({ onClose, ...props }: NetworkProps & { onClose: () => void }) {
  const testing = useSignal(false)
  const title = testing.value ? t().tap.title : t().net.title
  return (
    <Dialog title={title} onClose={onClose}>
      {testing.value ? (
        <TapTestView
          sound={props.sound}
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
  const { client, sound, clicksElsewhere = false, onTest, onClose } = props
  const connection = useCell(client.connection)
  const tick = useTick()
  const report = tick >= 0 ? reportOfPage(connection.value, sound) : null
  const { trimMs } = sound.audioTime
  const away = connection.value.phase === 'online' ? t().net.unknown : t().net.offline
  return (
    <>
      <Summary
        sentences={report ? summaryOf(report) : [away]}
        well={!!report && troublesOf(report).length === 0}
      />
      {report && <Facts facts={factsOf(report, trimMs)} />}
      {!clicksElsewhere && <ClickToggle sound={sound} />}
      <div class={css.choice}>
        <Button onPress={onTest}>{t().tap.open}</Button>
        {trimMs !== 0 && <Button onPress={() => sound.audioTime.resetTrim()}>{t().net.reset}</Button>}
        <Button kind="main" onPress={onClose}>
          {t().net.close}
        </Button>
      </div>
    </>
  )
}

/** Switches the metronome of this page. */
function ClickToggle({ sound }: { sound: Sound }) {
  const clicks = useSignal(sound.metronome.enabled)
  return (
    <Toggle
      label={t().net.clicks}
      on={clicks.value}
      onChange={(on) => {
        clicks.value = on
        sound.metronome.enabled = on
      }}
    />
  )
}

function Summary({ sentences, well }: { sentences: readonly string[]; well: boolean }) {
  return (
    <ul class={css.summary} data-well={well}>
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  )
}

/** A list of figures with their names. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class={css.facts}>
      {facts.map(([name, value]) => (
        <div key={name} class={css.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Renders a component again every second. Returns how often it has. */
function useTick(): number {
  const tick = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      tick.value++
    }, REFRESH_MS)
    return () => clearInterval(timer)
  }, [tick])
  return tick.value
}
