import { Button } from '../../kit/button.tsx'
import { UndoIcon } from '../../staff/icons.tsx'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { keyOf } from '../keys/keys.ts'

/** Takes back the last remove, mute, beats, part or group by any teacher. */
export function UndoButton({ desk }: { desk: Desk }) {
  return (
    <Button label={tt().groups.undo} shortcut={keyOf('undo')} onPress={() => desk.commands.undo()}>
      <UndoIcon />
    </Button>
  )
}

/** Makes everybody hear the teacher, and all else softer; a second press ends that. */
export function AllCallButton({ desk }: { desk: Desk }) {
  const texts = tt().groups
  return (
    <Button
      label={texts.allCall}
      shortcut={keyOf('allCall')}
      pressed={desk.state.value?.all_call === true}
      onPress={() => desk.commands.toggleAllCall()}
    >
      {texts.allCall}
    </Button>
  )
}

/** Opens the groups. */
export function GroupsButton({ onOpen }: { onOpen: () => void }) {
  return (
    <Button label={tt().groups.title} shortcut={keyOf('groups')} onPress={onOpen}>
      {tt().groups.title}
    </Button>
  )
}
