import { useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import type { ReadList } from '../../../engine/box/classes.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialog.tsx'
import { Select } from '../../kit/form.tsx'
import { errorText } from '../../staff/errors.ts'
import { tt } from '../../words/teacher.ts'
import css from './classes.module.css'
import { DifferenceView } from './difference.tsx'

/** The longest list, as the box has it (classlist.MaxFile), bytes. */
const MAX_FILE = 256 * 1024

interface ImportDialogProps {
  read: (list: Blob, columns: readonly number[]) => Promise<ReadList>
  onTake: (read: ReadList) => Promise<boolean>
  onClose: () => void
}

/** Reads names that are pasted or in a file, shows what changes, and takes them. */
export function ImportDialog({ read, onTake, onClose }: ImportDialogProps) {
  const typed = useSignal('')
  const list = useSignal<Blob | null>(null)
  const found = useSignal<ReadList | null>(null)
  const problem = useSignal('')
  const texts = tt().classes
  const look = (blob: Blob, columns: readonly number[] = []) => {
    problem.value = blob.size > MAX_FILE ? (tt().problem.too_big ?? '') : ''
    if (problem.value) return
    list.value = blob
    read(blob, columns).then(
      (read) => {
        found.value = read
      },
      (err: unknown) => {
        problem.value = errorText(err)
      },
    )
  }
  const take = async (read: ReadList) => {
    if (await onTake(read)) onClose()
    else found.value = null
  }
  return (
    <Dialog title={texts.add} onClose={onClose}>
      <div class={css.dialog}>
        {problem.value && (
          <p role="alert" class={css.problem}>
            {problem.value}
          </p>
        )}
        {found.value ? (
          <Found
            found={found.value}
            onColumns={(columns) => list.value && look(list.value, columns)}
            onTake={take}
            onOther={() => {
              found.value = null
            }}
          />
        ) : (
          <Source typed={typed.value} onType={(v) => (typed.value = v)} onRead={look} />
        )}
        <Button kind="quiet" onPress={onClose}>
          {texts.cancel}
        </Button>
      </div>
    </Dialog>
  )
}

interface SourceProps {
  typed: string
  onType: (typed: string) => void
  onRead: (list: Blob) => void
}

/** Where the names come from. */
function Source({ typed, onType, onRead }: SourceProps) {
  const id = useId()
  const texts = tt().classes
  return (
    <>
      <label class={css.paste}>
        {texts.paste}
        <textarea
          rows={8}
          dir="auto"
          autoComplete="off"
          spellcheck={false}
          value={typed}
          onInput={(e) => onType(e.currentTarget.value)}
        />
      </label>
      <Button kind="main" disabled={typed.trim() === ''} onPress={() => onRead(new Blob([typed]))}>
        {texts.read}
      </Button>
      <div class={css.file}>
        <label for={id}>{texts.file}</label>
        <input
          id={id}
          type="file"
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          onChange={(e) => {
            const file = e.currentTarget.files?.[0]
            if (file) onRead(file)
          }}
        />
      </div>
    </>
  )
}

interface FoundProps {
  found: ReadList
  onColumns: (columns: readonly number[]) => void
  onTake: (found: ReadList) => void
  onOther: () => void
}

function Found({ found, onColumns, onTake, onOther }: FoundProps) {
  const texts = tt().classes
  return (
    <>
      {found.columns.length > 1 && (
        <Select
          label={texts.columns}
          value={found.chosen.join(',')}
          options={choices(found).map((columns) => ({
            value: columns.join(','),
            label: titleOf(columns, found.columns),
          }))}
          onChange={(chosen) => onColumns(chosen.split(',').map(Number))}
        />
      )}
      <DifferenceView found={found} />
      <Button kind="main" onPress={() => onTake(found)}>
        {texts.take}
      </Button>
      <Button onPress={onOther}>{texts.other}</Button>
    </>
  )
}

/** The columns that may make a name: those chosen now, each alone, and each two neighbours in both orders. */
function choices({ columns, chosen }: ReadList): number[][] {
  const alone = columns.map((_, i) => [i])
  const pairs = columns.slice(1).flatMap((_, i) => [
    [i, i + 1],
    [i + 1, i],
  ])
  const all = [chosen, ...alone, ...pairs]
  return all.filter((c, i) => all.findIndex((other) => other.join() === c.join()) === i)
}

function titleOf(columns: readonly number[], titles: readonly string[]): string {
  const texts = tt().classes
  const [first = '', second] = columns.map((c) => titles[c] || texts.column(c + 1))
  return second === undefined ? first : texts.both(first, second)
}
