import { wordsIn } from '../../../engine/room/teaching.ts'
import { Button, Card } from '../../kit/button.tsx'
import { ActivityPicture } from '../../kit/step/picture.tsx'
import { language } from '../../words/language.ts'
import { tt } from '../../words/teacher.ts'
import type { Desk } from '../desk/desk.ts'
import { keyOf } from '../keys/keys.ts'
import css from './lesson.module.css'
import { TimeLeft } from './timeleft.tsx'

/** The lesson that the room follows: where it is, what the class reads, and the way on. */
export function LessonCard({ desk, onOpen }: { desk: Desk; onOpen: () => void }) {
  const teaching = desk.state.value?.teaching
  if (!teaching) return null
  const texts = tt().teaching
  return (
    <Card class={css.card} label={texts.running}>
      <p class={css.where}>
        <b>{texts.step(teaching.step + 1, teaching.steps)}</b>
        <TimeLeft client={desk.client} teaching={teaching} />
      </p>
      <p class={css.sentence} dir="auto">
        <ActivityPicture activity={teaching.activity} />
        {wordsIn(teaching.do, language.value)}
      </p>
      <div class={css.ways}>
        <Button
          shortcut={keyOf('stepBack')}
          label={texts.back}
          disabled={teaching.step === 0}
          onPress={() => desk.commands.moveStep(-1)}
        >
          <span aria-hidden="true">←</span>
        </Button>
        <Button
          kind="main"
          shortcut={keyOf('nextStep')}
          label={texts.next}
          disabled={teaching.step === teaching.steps - 1}
          onPress={() => desk.commands.moveStep(1)}
        >
          {texts.next}
        </Button>
        <Button shortcut={keyOf('lessons')} label={texts.all} onPress={onOpen}>
          {texts.all}
        </Button>
      </div>
    </Card>
  )
}
