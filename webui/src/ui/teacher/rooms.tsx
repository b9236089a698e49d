import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api, RoomInfo } from '../../engine/box/api.ts'
import { Button, Card } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Field } from '../kit/form.tsx'
import { LanguageSwitch } from '../kit/languageswitch.tsx'
import { Loading } from '../kit/loading.tsx'
import { Logo } from '../kit/logo.tsx'
import { isSignedOut, errorText } from '../staff/errors.ts'
import { plural } from '../words/language.ts'
import { tt } from '../words/teacher.ts'
import css from './rooms.module.css'

/** How often to look who is where, ms. */
const LOOK_MS = 5_000

interface RoomsProps {
  api: Api
  onEnter: (code: string) => void
  onSignedOut: () => void
  /** Why the teacher is back here; empty if she wanted to be. */
  problem: string
}

/** The rooms of the box: open one, enter one, close one. */
export function Rooms({ api, onEnter, onSignedOut, problem }: RoomsProps) {
  const { rooms, errorText: words, attempt } = useRooms(api, onSignedOut, problem)
  const closing = useSignal<RoomInfo | null>(null)
  if (!rooms.value) return <Loading failed={words.value !== ''} />
  const open = (name: string) =>
    attempt(async () => onEnter((await api.createRoom(name.trim() ? { name: name.trim() } : {})).code))
  return (
    <main class={css.rooms}>
      <header class={css.header}>
        <Logo size={48} />
        <h1>{tt().rooms.title}</h1>
      </header>
      {words.value && (
        <p role="alert" class={css.problem}>
          {words.value}
        </p>
      )}
      <RoomList
        rooms={rooms.value}
        onEnter={onEnter}
        onClose={(room) => {
          closing.value = room
        }}
      />
      <NewRoom onOpen={open} />
      <footer class={css.footer}>
        <LanguageSwitch />
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

/** The list, kept fresh, and a way to do something about it. */
function useRooms(api: Api, onSignedOut: () => void, problem: string) {
  const rooms = useSignal<readonly RoomInfo[] | null>(null)
  const words = useSignal(problem)
  const fail = useCallback(
    (err: unknown) => {
      if (isSignedOut(err)) onSignedOut()
      else words.value = errorText(err)
    },
    [onSignedOut, words],
  )
  const look = useCallback(async () => {
    rooms.value = await api.rooms()
  }, [api, rooms])
  useEffect(() => {
    look().catch(fail)
    const timer = setInterval(() => look().catch(fail), LOOK_MS)
    return () => clearInterval(timer)
  }, [])
  const attempt = async (what: () => Promise<void>) => {
    words.value = ''
    try {
      await what()
      await look()
    } catch (err) {
      fail(err)
    }
  }
  return { rooms, errorText: words, attempt }
}

interface RoomListProps {
  rooms: readonly RoomInfo[]
  onEnter: (code: string) => void
  onClose: (room: RoomInfo) => void
}

function RoomList({ rooms, onEnter, onClose }: RoomListProps) {
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
          <Button kind="main" class={css.enter} onPress={() => onEnter(room.code)}>
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

/** Where the stage of a room is. */
export function stageLink(code: string): string {
  return `/stage?code=${encodeURIComponent(code)}`
}

function NewRoom({ onOpen }: { onOpen: (name: string) => Promise<void> }) {
  const name = useSignal('')
  const busy = useSignal(false)
  const submit = async (e: Event) => {
    e.preventDefault()
    if (busy.value) return
    busy.value = true
    await onOpen(name.value)
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
  const away = () => {
    closing.value = null
  }
  const close = async () => {
    await onClose(room)
    away()
  }
  return (
    <Dialog title={tt().rooms.closeTitle(room.name)} onClose={away}>
      <p>{tt().rooms.closeWarning}</p>
      <div class={css.choice}>
        <Button kind="danger" onPress={close}>
          {tt().rooms.closeYes}
        </Button>
        <Button onPress={away}>{tt().rooms.keep}</Button>
      </div>
    </Dialog>
  )
}
