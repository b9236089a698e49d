import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Api, Status } from '../../../engine/box/api.ts'
import { type Kept, type Reader, RecordsApi } from '../../../engine/box/records.ts'
import { Button } from '../../kit/button.tsx'
import { LanguageSwitch } from '../../kit/languageswitch.tsx'
import { Loading } from '../../kit/loading.tsx'
import { Address } from '../../staff/address.tsx'
import { errorText, isSignedOut } from '../../staff/errors.ts'
import { NewPassword } from '../../staff/newpassword.tsx'
import { tt } from '../../words/teacher.ts'
import { SchoolLine } from '../school.tsx'
import css from './box.module.css'
import { KeptTable, Readers } from './kept.tsx'

interface BoxScreenProps {
  api: Api
  onLeave: () => void
  onSignedOut: () => void
}

/** What the box says of itself. */
interface Told {
  status: Status
  kept: readonly Kept[]
  readers: readonly Reader[]
}

/** The box: where it is, how it is, and all that it keeps, as a page to print. */
export function BoxScreen({ api, onLeave, onSignedOut }: BoxScreenProps) {
  const told = useSignal<Told | null>(null)
  const problem = useSignal('')
  useEffect(() => {
    Promise.all([api.status(), new RecordsApi(api).kept()]).then(
      ([status, kept]) => {
        told.value = { status, ...kept }
      },
      (err) => {
        if (isSignedOut(err)) onSignedOut()
        else problem.value = errorText(err)
      },
    )
  }, [])
  const texts = tt().box
  return (
    <main class={css.screen}>
      <header class={css.header}>
        <Button kind="quiet" class={css.unprinted} onPress={onLeave}>
          {texts.back}
        </Button>
        <h1>{texts.open}</h1>
      </header>
      {problem.value && <p role="alert">{problem.value}</p>}
      {told.value ? <Page {...told.value} /> : !problem.value && <Loading />}
      <footer class={css.footer}>
        <Button kind="main" onPress={() => print()}>
          {texts.print}
        </Button>
        <LanguageSwitch />
        <NewPassword api={api} />
      </footer>
    </main>
  )
}

function Page({ status, kept, readers }: Told) {
  const texts = tt().box
  return (
    <>
      <section>
        <h2>{texts.reach}</h2>
        <ul class={css.addresses}>
          {[status.hostname, ...status.addresses].map(
            (address) =>
              address && (
                <li key={address}>
                  <Address address={address} />
                </li>
              ),
          )}
        </ul>
        <p>{texts.version(status.version)}</p>
        <p>{status.storage === 'failing' ? tt().unkept : texts.diskWell}</p>
        {status.sync ? <SchoolLine school={status.sync} /> : <p>{texts.alone}</p>}
      </section>
      <KeptTable kept={kept} />
      <Readers readers={readers} />
    </>
  )
}
