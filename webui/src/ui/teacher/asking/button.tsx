import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import { RecordsApi } from '../../../engine/box/records.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { useCell } from '../../kit/usecell.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { AnswerList } from './answers.tsx'
import { AskForm } from './askform.tsx'
import css from './asking.module.css'
import { Keeping } from './keeping.tsx'
import { Running } from './running.tsx'
import { useAnswers } from './useanswers.ts'

interface AskingButtonProps {
  desk: Desk
  api: Api
  /** Of the teacher's seat. */
  token: string
}

/** Opens the question and its answers. The button shows how many are kept. */
export function AskingButton({ desk, api, token }: AskingButtonProps) {
  const open = useSignal(false)
  const records = useMemo(() => new RecordsApi(api), [api])
  const state = desk.state.value
  const connection = useCell(desk.client.connection)
  const { rows, failed } = useAnswers(
    desk.client,
    token,
    state?.session_id ?? '',
    connection.value.phase === 'online',
  )
  if (!state) return null
  const texts = tt().asking
  const close = () => {
    open.value = false
  }
  return (
    <>
      <Button
        kind="quiet"
        class={css.open}
        onPress={() => {
          open.value = true
        }}
      >
        {texts.open}
        {state.reflection && ` · ${state.reflection.kept}`}
      </Button>
      {open.value && (
        <Dialog title={texts.title} onClose={close}>
          <div class={css.body}>
            {state.reflection ? (
              <Running
                api={api}
                state={state}
                question={state.reflection}
                onEnd={() => desk.commands.endReflection()}
              />
            ) : (
              <AskForm onAsk={(prompt) => desk.commands.askReflection(prompt)} />
            )}
            <AnswerList
              records={records}
              rows={rows.value}
              members={state.members}
              people={desk.people.value}
              failed={failed.value}
            />
            <Keeping records={records} students={desk.students.value} listName={(id) => desk.listName(id)} />
          </div>
          <Button kind="main" onPress={close}>
            {texts.close}
          </Button>
        </Dialog>
      )}
    </>
  )
}
