import { minutesOf } from '../../../../engine/lesson/plan.ts'
import type { Plan } from '../../../../engine/lesson/types.ts'
import { wordsIn } from '../../../../engine/room/teaching.ts'
import { Button } from '../../../kit/button.tsx'
import { Dialog } from '../../../kit/dialog.tsx'
import { language, plural } from '../../../words/language.ts'
import { tt } from '../../../words/teacher.ts'
import css from './edit.module.css'

/** Asks before changes that nobody has saved are gone. */
export function Unsaved({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const texts = tt().teaching
  return (
    <Dialog title={texts.unsaved} onClose={onStay}>
      <div class={css.ways}>
        <Button kind="main" onPress={onStay}>
          {texts.stay}
        </Button>
        <Button kind="danger" onPress={onLeave}>
          {texts.leave}
        </Button>
      </div>
    </Dialog>
  )
}

interface ConflictProps {
  /** Null if the plan is deleted, or not one that can be taught. */
  theirs: Plan | null
  mine: Plan
  problem: string
  onTheirs: () => void
  /** Undefined if there is no plan to replace. */
  onMine: (() => void) | undefined
  onBoth: () => void
  onBack: () => void
}

/** Two versions of a plan: the one that somebody else has saved, and the teacher's. */
export function Conflict({ theirs, mine, problem, onTheirs, onMine, onBoth, onBack }: ConflictProps) {
  const texts = tt().teaching
  return (
    <Dialog title={onMine ? texts.conflict : texts.deleted} onClose={onBack}>
      <div class={css.body}>
        {theirs && <Version label={texts.theirVersion} plan={theirs} />}
        <Version label={texts.myVersion} plan={mine} />
        {problem && <p role="alert">{problem}</p>}
      </div>
      <div class={css.ways}>
        <Button onPress={onTheirs}>{onMine ? texts.takeTheirs : texts.leave}</Button>
        {onMine && <Button onPress={onMine}>{texts.keepMine}</Button>}
        <Button kind="main" onPress={onBoth}>
          {onMine ? texts.keepBoth : texts.saveAgain}
        </Button>
      </div>
    </Dialog>
  )
}

function Version({ label, plan }: { label: string; plan: Plan }) {
  const texts = tt().teaching
  return (
    <p>
      {label} <b dir="auto">{wordsIn(plan.title, language.value)}</b>
      {' · '}
      {plural(plan.steps.length, texts.stepCount)} · {texts.minutes(minutesOf(plan.steps))}
    </p>
  )
}
