import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { type CheckInSum, INNER_STEPS, readSum, type Step } from '../../../engine/reflect/checkin.ts'
import { tt } from '../../words/teacher.ts'
import css from './checkin.module.css'

/** From top to bottom, as on the card: fast is above. */
const ROWS: readonly Step[] = [...INNER_STEPS].reverse()

/** How the class felt at the last check-in; nothing if there was none. It names nobody. */
export function SumTable({ api, code }: { api: Api; code: string }) {
  const sum = useSignal<CheckInSum | null>(null)
  const failed = useSignal(false)
  useEffect(() => {
    readSum(api, code).then(
      (read) => {
        sum.value = read
      },
      () => {
        failed.value = true
      },
    )
  }, [api, code, sum, failed])
  const texts = tt().checkIns
  if (failed.value) return <p role="alert">{texts.failed}</p>
  if (!sum.value) return null
  return (
    <>
      <table class={css.sum}>
        <caption>{texts.sum}</caption>
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
                const n = sum.value?.[tempo - 1]?.[key - 1] ?? null
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
      <p class={css.aside}>{texts.sumLead}</p>
    </>
  )
}
