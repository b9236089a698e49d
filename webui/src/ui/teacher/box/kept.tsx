import type { Kept, Reader } from '../../../engine/box/records.ts'
import { readerName } from '../../staff/reader.ts'
import { language, plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import css from './box.module.css'

const HOURS_A_DAY = 24

/** All that the box keeps, with how long and where else. */
export function KeptTable({ kept }: { kept: readonly Kept[] }) {
  const texts = tt().box
  return (
    <section>
      <h2>{texts.keeps}</h2>
      <p>{texts.keepsLead}</p>
      <div class={css.wide}>
        <table class={css.table}>
          <Head columns={texts.columns} />
          <tbody>
            {kept.map((k) => (
              <tr key={k.what}>
                <th scope="row">
                  {texts.what[k.what] ?? k.what}
                  {k.school && <span class={css.aside}>{texts.school}</span>}
                  {k.own_key && <span class={css.aside}>{texts.ownKey}</span>}
                  {k.fields.length > 0 && <span class={css.aside}>{texts.fields(k.fields.join(', '))}</span>}
                </th>
                <td class={css.number}>{k.rows?.toLocaleString(language.value) ?? texts.uncounted}</td>
                <td class={css.long}>{stays(k.hours)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function stays(hours: number): string {
  const texts = tt().box
  if (hours === 0) return texts.forEver
  return hours % HOURS_A_DAY ? plural(hours, texts.hours) : plural(hours / HOURS_A_DAY, texts.days)
}

/** Who has read reflections, the latest first. */
export function Readers({ readers }: { readers: readonly Reader[] }) {
  const texts = tt().box
  const time = new Intl.DateTimeFormat(language.value, { dateStyle: 'short', timeStyle: 'short' })
  return (
    <section>
      <h2>{texts.readers}</h2>
      {readers.length === 0 ? (
        <p>{texts.noReaders}</p>
      ) : (
        <div class={css.wide}>
          <table class={css.table}>
            <Head columns={texts.readerColumns} />
            <tbody>
              {readers.map((r) => (
                <tr key={r.by + r.how}>
                  <th scope="row">{readerName(r.by)}</th>
                  <td>{tt().asking.how[r.how]}</td>
                  <td class={css.number}>{r.rows}</td>
                  <td>{time.format(new Date(r.last))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Head({ columns }: { columns: readonly string[] }) {
  return (
    <thead>
      <tr>
        {columns.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  )
}
