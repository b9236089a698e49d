import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { type CheckInSum, INNER_STEPS, readSums, type Step } from '../../../engine/reflect/checkin.ts'
import { tt } from '../../words/teacher.ts'
import css from './checkin.module.css'

/** From top to bottom, as on the card: fast is above. */
const ROWS: readonly Step[] = [...INNER_STEPS].reverse()

/** How the class felt at its last check-ins; nothing if there was none. It names nobody. */
export function Sums({ api, code }: { api: Api; code: string }) {
  const sums = useSignal<readonly CheckInSum[]>([])
  const failed = useSignal(false)
  useEffect(() => {
    readSums(api, code).then(
      (read) => {
        sums.value = read
      },
      () => {
        failed.value = true
      },
    )
  }, [api, code, sums, failed])
  const texts = tt().checkIns
  if (failed.value) return <p role="alert">{texts.failed}</p>
  const [first, last] = sums.value
  if (!first) return null
  return (
    <>
      <SumTable caption={last ? texts.before : texts.sum} sum={first} />
      {last && <SumTable caption={texts.after} sum={last} />}
      <p class={css.aside}>{texts.sumLead}</p>
    </>
  )
}

function SumTable({ caption, sum }: { caption: string; sum: CheckInSum }) {
  const texts = tt().checkIns
  return (
    <table class={css.sum}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{texts.tempo}</th>
          {INNER_STEPS.map((key) => (
            <th key={key} scope="col">
              {texts.keys[key]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ROWS.map((tempo) => (
          <tr key={tempo}>
            <th scope="row">{texts.tempos[tempo]}</th>
            {INNER_STEPS.map((key) => {
              const n = sum[tempo - 1]?.[key - 1] ?? null
              return (
                <td key={key} data-shown={n !== null}>
                  {n ?? texts.few}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
