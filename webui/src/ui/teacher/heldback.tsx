import { useSignal } from '@preact/signals'
import type { HeldBack } from '../../engine/box/heldback.ts'
import { Button } from '../kit/button.tsx'
import { tt } from '../words/teacher.ts'
import type { Desk } from './desk/desk.ts'
import css from './moved.module.css'

/** More devices than the teacher can look at during a lesson. */
const MAX_SHOWN = 3

interface HeldBackNoticesProps {
  devices: readonly HeldBack[]
  desk: Desk
}

/** Names the devices that are held back, and offers to remove their students. A dialog asks before. */
export function HeldBackNotices({ devices, desk }: HeldBackNoticesProps) {
  const known = useSignal<readonly string[]>([])
  const shown = devices.filter((d) => !known.value.includes(d.address)).slice(0, MAX_SHOWN)
  return (
    <>
      {shown.map((device) => (
        <Notice
          key={device.address}
          device={device}
          desk={desk}
          onKnown={() => {
            known.value = [...known.value, device.address]
          }}
        />
      ))}
    </>
  )
}

interface NoticeProps {
  device: HeldBack
  desk: Desk
  onKnown: () => void
}

function Notice({ device, desk, onKnown }: NoticeProps) {
  const texts = tt().heldBack
  const ids = new Set(device.students.map((s) => s.student_id))
  const here = desk.students.value.filter((m) => ids.has(m.student_id))
  const remove = () => {
    desk.selection.clear()
    desk.selection.toggleAll(here.map((m) => m.student_id))
    desk.askRemove()
  }
  const first = here[0]
  return (
    <div role="status" class={css.moved}>
      <p>{first ? texts.students(first.name, here.length) : texts.device(device.address)}</p>
      {first && <Button onPress={remove}>{texts.remove(here.length)}</Button>}
      <Button onPress={onKnown}>{texts.known}</Button>
    </div>
  )
}
