import { type Signal, useSignal } from '@preact/signals'
import { type Api, ApiError } from '../../engine/box/api.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field } from '../kit/form.tsx'
import { t } from '../words/index.ts'
import { tt } from '../words/teacher.ts'
import { errorText } from './errors.ts'
import css from './login.module.css'

/** A button that lets the teacher choose another password. */
export function NewPassword({ api }: { api: Api }) {
  const open = useSignal(false)
  const done = useSignal(false)
  const texts = tt().newPassword
  const close = () => {
    open.value = false
    done.value = false
  }
  return (
    <>
      <Button
        kind="quiet"
        onPress={() => {
          open.value = true
        }}
      >
        {texts.open}
      </Button>
      {open.value && (
        <Dialog title={done.value ? texts.done : texts.title} onClose={close}>
          {done.value ? <Button onPress={close}>{texts.close}</Button> : <Form api={api} done={done} />}
        </Dialog>
      )}
    </>
  )
}

/** The field that an error of the box is about; any other error is shown with the first one. */
const ABOUT_NEW = new Set(['weak_password', 'not_kept'])

function Form({ api, done }: { api: Api; done: Signal<boolean> }) {
  const old = useSignal('')
  const fresh = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<{ text: string; ofNew: boolean } | null>(null)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    busy.value = true
    try {
      await api.changePassword(old.value, fresh.value)
      done.value = true
    } catch (err) {
      problem.value = { text: errorText(err), ofNew: err instanceof ApiError && ABOUT_NEW.has(err.error) }
    }
    busy.value = false
  }
  const field = (value: Signal<string>, ofNew: boolean) => ({
    value: value.value,
    problem: problem.value?.ofNew === ofNew ? problem.value.text : undefined,
    onInput: (typed: string) => {
      value.value = typed
      problem.value = null
    },
  })
  const texts = tt().newPassword
  return (
    <form class={css.form} onSubmit={submit}>
      <p>{texts.lead}</p>
      <Field
        label={texts.old}
        {...field(old, false)}
        input={{ name: 'old', type: 'password', autoComplete: 'current-password', required: true }}
      />
      <Field
        label={tt().signIn.newPassword}
        hint={tt().signIn.newPasswordHint}
        {...field(fresh, true)}
        input={{ name: 'new', type: 'password', autoComplete: 'new-password', required: true }}
      />
      <button type="submit" class={css.submit} aria-disabled={busy.value}>
        {busy.value ? t().state.loading : texts.change}
      </button>
    </form>
  )
}
