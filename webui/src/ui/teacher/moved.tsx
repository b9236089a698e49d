import { useSignal } from '@preact/signals'
import type { Api } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { Address } from '../staff/address.tsx'
import type { Ways } from '../staff/useways.ts'
import { language } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import css from './moved.module.css'
import { since } from './since.ts'

/** Says that printed cards are out of date, until the teacher knows. */
export function MovedNotice({ api, ways }: { api: Api; ways: Ways }) {
  const known = useSignal('')
  const { moved, address } = ways
  if (!moved || known.value === moved.right) return null
  const texts = tt().moved
  const day = since(new Date(moved.right), new Date(), language.value)
  const renew = async () => {
    known.value = moved.right
    await api.renewCards().catch(() => {
      known.value = '' // it is said again
    })
  }
  return (
    <div role="status" class={css.moved}>
      <p>{texts.since[day.kind](day.text)}</p>
      <p>
        {texts.now}{' '}
        <b>
          <Address address={address} />
        </b>
      </p>
      <Button onPress={renew}>{texts.known}</Button>
    </div>
  )
}
