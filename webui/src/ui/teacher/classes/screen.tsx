import { useSignal } from '@preact/signals'
import type { Api } from '../../../engine/box/api.ts'
import type { ChildInfo } from '../../../engine/box/classes.ts'
import { Button, Card } from '../../kit/button.tsx'
import { Select } from '../../kit/form.tsx'
import { LanguageSwitch } from '../../kit/languageswitch.tsx'
import { Loading } from '../../kit/loading.tsx'
import { language, plural } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import { MusicCards } from './cards.tsx'
import { ChildDialog } from './child.tsx'
import css from './classes.module.css'
import { ConsentDialog } from './consent.tsx'
import { ImportDialog } from './import.tsx'
import { MusicName } from './musicname.tsx'
import { type OpenClass, useClass } from './useclass.ts'

interface ClassScreenProps {
  api: Api
  id: string
  onLeave: () => void
  onSignedOut: () => void
}

/** One class: its children with their music names, and the ways to change the list. */
export function ClassScreen({ api, id, onLeave, onSignedOut }: ClassScreenProps) {
  const open = useClass(api, id, onSignedOut)
  const adding = useSignal(false)
  const asking = useSignal(false)
  const changing = useSignal('')
  const { classes, list, problem, change } = open
  const texts = tt().classes
  if (!list.value) return problem.value ? <Gone problem={problem.value} onLeave={onLeave} /> : <Loading />
  const { name, children, size } = list.value
  const child = children.find((c) => c.id === changing.value)
  const listed = children.filter((c) => c.listed)
  return (
    <main class={css.screen}>
      <header class={css.header}>
        <Button kind="quiet" onPress={onLeave}>
          {texts.back}
        </Button>
        <h1 dir="auto">{name}</h1>
        <p class={css.aside}>{plural(size, texts.size)}</p>
      </header>
      {problem.value && (
        <p role="alert" class={css.problem}>
          {problem.value}
        </p>
      )}
      <Tools
        open={open}
        onAdd={() => (adding.value = true)}
        onAsk={() => (asking.value = true)}
        onDeleted={onLeave}
      />
      {listed.length === 0 && <p class={css.none}>{texts.empty}</p>}
      <Children title={texts.listed} of={listed} onChange={(c) => (changing.value = c.id)} />
      <Children
        title={texts.away}
        of={children.filter((c) => !c.listed)}
        onChange={(c) => (changing.value = c.id)}
      />
      <footer>
        <LanguageSwitch />
      </footer>
      <MusicCards of={listed} />
      {adding.value && (
        <ImportDialog
          read={(file, columns) => classes.compare(id, file, columns)}
          onTake={(read) => change(() => classes.take(id, read))}
          onClose={() => (adding.value = false)}
        />
      )}
      {asking.value && (
        <ConsentDialog
          list={list.value}
          onClass={(on) => void change(() => classes.change(id, { check_in: on }))}
          onChild={(c, on) => void change(() => classes.changeChild(id, c.id, { consent: on }))}
          onClose={() => (asking.value = false)}
        />
      )}
      {child && (
        <ChildDialog
          child={child}
          onChange={(wish) => change(() => classes.changeChild(id, child.id, wish))}
          onDelete={() => classes.deleteCheckIns(id, child.id)}
          onClose={() => (changing.value = '')}
        />
      )}
    </main>
  )
}

function Gone({ problem, onLeave }: { problem: string; onLeave: () => void }) {
  return (
    <main class={css.screen}>
      <p role="alert" class={css.problem}>
        {problem}
      </p>
      <Button kind="main" onPress={onLeave}>
        {tt().classes.back}
      </Button>
    </main>
  )
}

interface ToolsProps {
  open: OpenClass
  onAdd: () => void
  /** Opens who may be asked how they feel. */
  onAsk: () => void
  onDeleted: () => void
}

/** What the teacher does with the whole list. */
function Tools({ open, onAdd, onAsk, onDeleted }: ToolsProps) {
  const { classes, list, rooms, change } = open
  const texts = tt().classes
  if (!list.value) return null
  const { id, room, children, undo_until: until } = list.value
  const time = new Intl.DateTimeFormat(language.value, {
    weekday: 'long',
    hour: 'numeric',
    minute: '2-digit',
  })
  return (
    <Card class={css.tools} label={texts.title}>
      <Select
        label={texts.room}
        value={room}
        options={[
          { value: '', label: texts.noRoom },
          ...rooms.value.map((r) => ({ value: r.code, label: `${r.name} · ${r.code}` })),
        ]}
        onChange={(code) => void change(() => classes.change(id, { room: code }))}
      />
      <div class={css.buttons}>
        <Button kind="main" onPress={onAdd}>
          {texts.add}
        </Button>
        {children.length > 0 ? (
          <>
            <Button onPress={() => print()}>{texts.cards}</Button>
            <Button onPress={onAsk}>{texts.checkIn}</Button>
          </>
        ) : (
          <Button kind="quiet" onPress={() => void classes.remove(id).then(onDeleted, () => undefined)}>
            {texts.remove}
          </Button>
        )}
      </div>
      {until && (
        <div class={css.undo}>
          <p class={css.aside}>{texts.undoLead(time.format(new Date(until)))}</p>
          <Button onPress={() => void change(() => classes.undo(id))}>{texts.undo}</Button>
        </div>
      )}
    </Card>
  )
}

interface ChildrenProps {
  title: string
  of: readonly ChildInfo[]
  onChange: (child: ChildInfo) => void
}

function Children({ title, of, onChange }: ChildrenProps) {
  if (of.length === 0) return null
  const inOrder = new Intl.Collator(language.value)
  return (
    <section class={css.group} aria-label={title}>
      <h2>{title}</h2>
      <ul class={css.children}>
        {[...of]
          .sort((a, b) => inOrder.compare(a.name, b.name))
          .map((child) => (
            <li key={child.id}>
              <b dir="auto">{child.name}</b>
              <MusicName music={child.music} />
              <Button
                kind="quiet"
                label={`${tt().classes.change}: ${child.name}`}
                onPress={() => onChange(child)}
              >
                {tt().classes.change}
              </Button>
            </li>
          ))}
      </ul>
    </section>
  )
}
