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

interface JoinInfoProps {
  api: Api
  state: RoomState
  /** Who is in; null until that is known. */
  count: Count | null
}

/** How many who need help are shown. */
const MOST = 6

/** How to join, large enough to read from ten metres. It is small once the room is locked. */
export function JoinInfo({ api, state, count }: JoinInfoProps) {
  const { address, name } = useWays(api).value
  const here = students(state.members).filter((m) => m.online).length
  const timeline = planned(state)
  const texts = tt().stageView
  return (
    <aside class={css.join} aria-label={tt().joining.label}>
      <Code code={state.code} />
      {state.locked ? (
        <p class={css.locked}>
          <LockIcon />
          {tt().joining.locked}
        </p>
      ) : (
        <div class={css.open}>
          <img class={css.qr} src={api.qrUrl(state.code, address)} alt={tt().joining.qr} />
          <p class={css.address}>
            {texts.go}{' '}
            <b>
              <Address address={address} />
            </b>
          </p>
          {name && <p class={css.aside}>{tt().joining.or(toType(name))}</p>}
          {isLoopback(address) && <p class={css.aside}>{texts.onlyHere}</p>}
        </div>
      )}
      <p class={css.facts}>
        <b>{isPart(count) ? texts.hereOf(count.here, count.of) : plural(here, texts.here)}</b>
        {timeline.running && <span>{texts.tempo(Math.round(timeline.bpm))}</span>}
      </p>
      {count && !state.locked && count.stuck.length > 0 && (
        <div class={css.stuck}>
          <StuckList
            stuck={count.stuck}
            members={state.members}
            now={count.now}
            most={MOST}
            names={false}
            dark
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

/** The code on two lines, "MUSIC-" over "2024", as large as fits. */
function Code({ code }: { code: string }) {
  const dash = code.lastIndexOf('-') + 1
  const longest = Math.max(dash, code.length - dash)
  return (
    <p class={css.code} style={{ '--letters': longest }}>
      <span class="visually-hidden">{tt().stageView.code}: </span>
      <span>{code.slice(0, dash)}</span>
      <span>{code.slice(dash)}</span>
    </p>
  )
}
