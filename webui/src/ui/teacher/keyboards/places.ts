import type { RoomInfo } from '../../../engine/box/api.ts'
import type { Keyboard, KeyboardPlace, KeyboardStudent } from '../../../engine/box/keyboards.ts'
import { tt } from '../../words/teacher.ts'

/** A room where keyboards may play. */
export type KeyboardRoom = Pick<RoomInfo, 'code' | 'name'>

const STAGE = 'stage'

/** Returns where a keyboard plays, as the value of an option. */
export function placeOf({ room, as, student_id }: Keyboard): string {
  return optionOf({ room, stage: as === 'stage', ...(as === 'student' && { student_id }) })
}

function optionOf({ room, student_id, stage }: KeyboardPlace): string {
  if (stage) return `${room} ${STAGE}`
  return student_id ? `${room} ${student_id}` : room
}

/** Returns the place that an option stands for. */
export function placeIn(value: string): KeyboardPlace {
  const [room = '', who] = value.split(' ')
  if (who === undefined) return { room }
  return who === STAGE ? { room, stage: true } : { room, student_id: who }
}

/** Returns the places where a keyboard may play: nowhere, and in each room on its own, on the stage, or as a student. */
export function placeOptions(rooms: readonly KeyboardRoom[], students: readonly KeyboardStudent[]) {
  const texts = tt().keyboards
  return [
    { value: '', label: texts.nowhere },
    ...rooms.flatMap(({ code: room, name }) => {
      const group = `${name} (${room})`
      const theirs = students.filter((s) => s.room === room)
      return [
        { group, value: room, label: texts.inRoom(name) },
        { group, value: optionOf({ room, stage: true }), label: texts.onStage(name) },
        ...theirs.map((s) => ({
          group,
          value: optionOf({ room, student_id: s.student_id }),
          label: texts.asStudent(s.name),
        })),
      ]
    }),
  ]
}
