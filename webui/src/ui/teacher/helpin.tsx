import { useSignal } from '@preact/signals'
import type { Api } from '../../engine/box/api.ts'
import { read, storage, write } from '../../engine/storage.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field } from '../kit/form.tsx'
import { Address } from '../staff/address.tsx'
import { toType } from '../staff/links.ts'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import css from './helpin.module.css'

/** Where this browser keeps the name of the Wi-Fi. */
const WIFI_KEY = 'downbeat.wifi'

interface HelpInProps {
  api: Api
  code: string
  ways: Ways
  onClose: () => void
}

/** How students come in, step by step, and the same as a card to print for the board. */
export function HelpIn({ api, code, ways, onClose }: HelpInProps) {
  const store = storage('localStorage')
  const wifi = useSignal(read(store, WIFI_KEY))
  const texts = tt().helpIn
  const print = () => {
    globalThis.print()
    // The new card carries the address of now.
    if (ways.moved) void api.renewCards().catch(() => undefined)
  }
  return (
    <Dialog title={texts.title} onClose={onClose}>
      <JoinSheet api={api} code={code} ways={ways} wifi={wifi.value.trim()} />
      <div class={css.tools}>
        <Field
          label={texts.wifiLabel}
          hint={texts.wifiHint}
          value={wifi.value}
          onInput={(v) => {
            wifi.value = v
            write(store, WIFI_KEY, v)
          }}
          input={{ name: 'wifi', autoComplete: 'off', maxLength: 32 }}
        />
        <div class={css.buttons}>
          <Button kind="main" onPress={print}>
            {texts.print}
          </Button>
          <Button onPress={onClose}>{texts.done}</Button>
        </div>
      </div>
    </Dialog>
  )
}

/** The card. It is all that is printed. */
function JoinSheet({ api, code, ways, wifi }: { api: Api; code: string; ways: Ways; wifi: string }) {
  const texts = tt().helpIn
  return (
    <section class={css.sheet} data-print="only">
      <img class={css.qr} src={api.qrUrl(code, ways.address)} alt={tt().joining.qr} />
      <ol class={css.steps}>
        {wifi && (
          <li>
            {texts.wifi} <b>{wifi}</b>
          </li>
        )}
        <li>
          {texts.type}{' '}
          <b style={{ '--letters': ways.address.length }}>
            <Address address={ways.address} />
          </b>
          {ways.name && <span class={css.or}>{tt().joining.or(toType(ways.name))}</span>}
        </li>
        <li>
          {texts.code} <b class={css.code}>{code}</b>
        </li>
      </ol>
      <p class={css.scan}>{texts.scan}</p>
    </section>
  )
}
