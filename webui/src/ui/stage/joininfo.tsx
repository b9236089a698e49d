import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api } from '../../engine/box/api.ts'
import type { RoomState } from '../../engine/room/types.ts'
import { typedAddress } from '../staff/errors.ts'
import { LockIcon } from '../staff/icons.tsx'
import { planned } from '../teacher/desk/predict.ts'
import { students } from '../teacher/desk/students.ts'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import css from './stage.module.css'

/** How to come in, to be read from ten metres; small once the room is locked. */
export function StageDoor({ api, state }: { api: Api; state: RoomState }) {
  const address = useSignal('')
  useEffect(() => {
    typedAddress(api).then((a) => {
      address.value = a
    })
  }, [api, address])
  const here = students(state.members).filter((m) => m.online).length
  const line = planned(state)
  const texts = tt().stageView
  return (
    <aside class={css.door} aria-label={tt().door.label}>
      <Code code={state.code} />
      {state.locked ? (
        <p class={css.shut}>
          <LockIcon />
          {tt().door.locked}
        </p>
      ) : (
        <div class={css.way}>
          <img class={css.qr} src={api.qrUrl(state.code)} alt={tt().door.qr} />
          <p class={css.address}>
            {texts.go} <b>{address.value}</b>
          </p>
          {isLoopback(address.value) && <p class={css.aside}>{texts.onlyHere}</p>}
        </div>
      )}
      <p class={css.facts}>
        <b>{plural(here, texts.here)}</b>
        {line.running && <span>{texts.tempo(Math.round(line.bpm))}</span>}
      </p>
    </aside>
  )
}

/** Whether an address with a port is one that no other device can open. */
function isLoopback(address: string): boolean {
  return /^(127\.[\d.]+|localhost|\[::1\])(:|$)/.test(address)
}

/** The word over the number, as large as there is room: "MUSIC-" and "2024". */
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
