import type { Api } from '../../engine/box/api.ts'
import { planned } from '../../engine/clock/timeline.ts'
import { students } from '../../engine/room/members.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { StuckList } from '../lobby/stucklist.tsx'
import type { Count } from '../lobby/useattendance.ts'
import { Address } from '../staff/address.tsx'
import { LockIcon } from '../staff/icons.tsx'
import { toType } from '../staff/links.ts'
import { useWays } from '../staff/useways.ts'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'
import { linesOf } from './usecodefit.ts'

interface JoinInfoProps {
  api: Api
  state: RoomState
  /** Who is in; null until that is known. */
  count: Count | null
  /** How many lines the code takes. */
  lines: 1 | 2
  /** Whether the class may see the code. */
  shown: boolean
}

/** How many who need help are shown, and on a low screen. */
const MOST = 6
const FEW = 2
const LOW = 640

/**
 * How to join, large enough to read from ten metres. The code is small once the room is locked, and gone while
 * the teacher hides it.
 */
export function JoinInfo({ api, state, count, lines, shown }: JoinInfoProps) {
  const { address, name } = useWays(api).value
  const here = students(state.members).filter((m) => m.online).length
  const texts = tt().stageView
  return (
    <aside class={css.join} aria-label={tt().joining.label}>
      {shown && <Code code={state.code} lines={state.locked ? 1 : lines} />}
      {state.locked && (
        <p class={css.locked}>
          <LockIcon />
          {tt().joining.locked}
        </p>
      )}
      {shown && !state.locked && (
        <div class={css.open}>
          <img class={css.qr} src={api.qrUrl(state.code, address)} alt={tt().joining.qr} />
          <div class={css.where}>
            <p class={css.address}>
              {texts.go}{' '}
              <b>
                <Address address={address} />
              </b>
            </p>
            {name && <p class={css.aside}>{tt().joining.or(toType(name))}</p>}
            {isLoopback(address) && <p class={css.aside}>{texts.onlyHere}</p>}
          </div>
        </div>
      )}
      <p class={css.facts}>
        <b>{isPart(count) ? texts.hereOf(count.here, count.of) : plural(here, texts.here)}</b>
        <Music state={state} />
      </p>
      {count && shown && !state.locked && count.stuck.length > 0 && (
        <div class={css.stuck}>
          <StuckList
            stuck={count.stuck}
            members={state.members}
            now={count.now}
            most={innerHeight < LOW ? FEW : MOST}
            names={false}
          />
        </div>
      )}
    </aside>
  )
}

/** Whether the teacher waits for a number, or some who have a seat are not in. */
function isPart(count: Count | null): count is Count {
  return count !== null && (count.expected > 0 || count.here < count.of)
}

/** Whether no other device can open an address with a port. */
function isLoopback(address: string): boolean {
  return /^(127\.[\d.]+|localhost|\[::1\])(:|$)/.test(address)
}

/** What the music does: how fast it is, or that it stops with the bar. */
function Music({ state }: { state: RoomState }) {
  const texts = tt().stageView
  if (!state.timeline.running) return null
  const next = planned(state)
  return <span>{next.running ? texts.tempo(Math.round(next.bpm)) : texts.stopping}</span>
}

/** The code on one line, or on two: "MUSIC-" over "2024". */
function Code({ code, lines }: { code: string; lines: 1 | 2 }) {
  return (
    <p class={`${css.code} ${css.letters}`} data-lines={lines}>
      <span class="visually-hidden">{tt().stageView.code}: </span>
      {linesOf(code).map((line) => (
        <span key={line} class={css.line}>
          {line}
        </span>
      ))}
    </p>
  )
}
