import { useSignal } from '@preact/signals'
import { read, storage, write } from '../../engine/storage.ts'
import { Button } from '../kit/button.tsx'
import { Address } from '../staff/address.tsx'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import css from './moved.module.css'

/** Where this tab keeps which sentence the teacher knows. */
const KNOWN_KEY = 'downbeat.nameless'

/** Says that no name leads to the box, and what students type instead, until the teacher knows. */
export function NamelessNotice({ ways }: { ways: Ways }) {
  const tab = storage('sessionStorage')
  const known = useSignal(read(tab, KNOWN_KEY))
  const { nameless, address } = ways
  if (!nameless || known.value === nameless) return null
  const texts = tt().nameless
  const dismiss = () => {
    known.value = nameless
    write(tab, KNOWN_KEY, nameless)
  }
  return (
    <div role="status" class={css.moved}>
      <p>
        {texts.why[nameless] ?? texts.why.failed} {texts.type}{' '}
        <b>
          <Address address={address} />
        </b>
        {texts.cards}
      </p>
      <Button onPress={dismiss}>{tt().moved.known}</Button>
    </div>
  )
}
