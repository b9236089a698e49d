import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, RoomInfo } from '../../engine/box/api.ts'
import { hasPorts } from '../../engine/box/midi.ts'
import { Button, Card } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { errorText, isSignedOut } from '../staff/errors.ts'
import { stageLink } from '../staff/links.ts'
import { useWays } from '../staff/useways.ts'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import { BoxNotices } from './boxnotices.tsx'
import { ClassesCard } from './classes/card.tsx'
import { PortLists } from './keyboards/ports.tsx'
import { useKeyboards } from './keyboards/usekeyboards.ts'
import css from './rooms.module.css'
import { SchoolLine } from './school.tsx'

/** How often the list is loaded again, ms. */
const POLL_MS = 5_000

interface RoomsProps {
  api: Api
  /** Shows the screen of a room. */
  onOpen: (code: string) => void
  /** Shows the screen of a class list. */
  onClass: (id: string) => void
  /** Shows the box's own page. */
  onBox: () => void
  onSignedOut: () => void
  /** Why the teacher is back at the list; empty if they chose to be. */
  problem: string
}

/** The rooms of the box, with buttons to create, open and close one. */
export function Rooms({ api, onOpen, onClass, onBox, onSignedOut, problem }: RoomsProps) {
  const { rooms, error, attempt } = useRooms(api, onSignedOut, problem)
  const closing = useSignal<RoomInfo | null>(null)
  const keyboards = useKeyboards(api, true)
  const ways = useWays(api)
  if (!rooms.value) return <Loading failed={error.value !== ''} />
  const create = (name: string) =>
    attempt(async () => onOpen((await api.createRoom(name.trim() ? { name: name.trim() } : {})).code))
  return (
    <main class={css.rooms}>
      <header class={css.header}>
        <Logo size={48} />
        <h1>{tt().rooms.title}</h1>
      </header>
      {error.value && (
        <p role="alert" class={css.problem}>
          {error.value}
        </p>
      )}
      <BoxNotices api={api} ways={ways.value} />
      <RoomList
        rooms={rooms.value}
        onOpen={onOpen}
        onClose={(room) => {
          closing.value = room
        }}
      />
      {hasPorts(keyboards.ports.value) && (
        <Card class={css.new} label={tt().keyboards.title}>
          <h2>{tt().keyboards.title}</h2>
          <PortLists keyboards={keyboards} rooms={rooms.value} here={null} />
        </Card>
      )}
      <NewRoom onCreate={create} />
      <ClassesCard api={api} onOpen={onClass} />
      <SchoolLine school={ways.value.school} />
      <footer class={css.footer}>
        <LanguageSwitch />
        <Button kind="quiet" onPress={onBox}>
          {tt().box.open}
        </Button>
        <Button kind="quiet" onPress={() => attempt(() => api.logout().then(onSignedOut))}>
          {tt().signIn.logout}
        </Button>
      </footer>
      {closing.value && (
        <CloseRoom closing={closing} onClose={(room) => attempt(() => api.closeRoom(room.code))} />
      )}
    </main>
  )
}

/** Keeps the list fresh. attempt does something to a room, and shows what went wrong. */
function useRooms(api: Api, onSignedOut: () => void, problem: string) {
  const rooms = useSignal<readonly RoomInfo[] | null>(null)
  const error = useSignal(problem)
  const fail = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else error.value = errorText(err)
    },
    [onSignedOut, error],
  )
  const load = useCallback(async () => {
    rooms.value = await api.rooms()
  }, [api, rooms])
  useEffect(() => {
    load().catch(fail)
    const timer = setInterval(() => load().catch(fail), POLL_MS)
    return () => clearInterval(timer)
  }, [])
  const attempt = async (action: () => Promise<void>) => {
    error.value = ''
    try {
      await action()
      await load()
    } catch (err) {
      fail(err)
    }
  }
  return { rooms, error, attempt }
}

interface RoomListProps {
  rooms: readonly RoomInfo[]
  onOpen: (code: string) => void
  onClose: (room: RoomInfo) => void
}

function RoomList({ rooms, onOpen, onClose }: RoomListProps) {
  const texts = tt().rooms
  if (rooms.length === 0) {
    return (
      <div class={css.none}>
        <h2>{texts.none}</h2>
        <p>{texts.noneLead}</p>
      </div>
    )
  }
  return (
    <ul class={css.list}>
      {rooms.map((room) => (
        <li key={room.code} class={css.room}>
          <div class={css.about}>
            <h2>{room.name}</h2>
            <p>
              <b>{room.code}</b> · {plural(room.online, texts.here)}
              {room.locked && ` · ${texts.locked}`}
            </p>
          </div>
          <Button kind="main" class={css.open} onPress={() => onOpen(room.code)}>
            {texts.enter}
          </Button>
          <a class={css.link} href={stageLink(room.code)} target={`stage-${room.code}`}>
            {texts.stage}
          </a>
          <Button kind="quiet" label={`${texts.close}: ${room.name}`} onPress={() => onClose(room)}>
            {texts.close}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function NewRoom({ onCreate }: { onCreate: (name: string) => Promise<void> }) {
  const name = useSignal('')
  const busy = useSignal(false)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    busy.value = true
    await onCreate(name.value)
    busy.value = false
  }
  return (
    <Card class={css.new}>
      <form class={css.form} onSubmit={submit}>
        <Field
          label={tt().rooms.name}
          hint={tt().rooms.nameHint}
          value={name.value}
          onInput={(v) => {
            name.value = v
          }}
          input={{ name: 'room', autoComplete: 'off', maxLength: 40 }}
        />
        <button type="submit" class={css.submit} aria-disabled={busy.value}>
          {tt().rooms.open}
        </button>
      </form>
    </Card>
  )
}

interface CloseRoomProps {
  closing: Signal<RoomInfo | null>
  onClose: (room: RoomInfo) => Promise<void>
}

function CloseRoom({ closing, onClose }: CloseRoomProps) {
  const room = closing.value
  if (!room) return null
  const cancel = () => {
    closing.value = null
  }
  const close = async () => {
    await onClose(room)
    cancel()
  }
  return (
    <Dialog title={tt().rooms.closeTitle(room.name)} onClose={cancel}>
      <p>{tt().rooms.closeWarning}</p>
      <div class={css.choice}>
        <Button kind="danger" onPress={close}>
          {tt().rooms.closeYes}
        </Button>
        <Button onPress={cancel}>{tt().rooms.keep}</Button>
      </div>
    </Dialog>
  )
}
