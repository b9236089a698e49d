import { Banner } from '../kit/button.tsx'
import { useLasting } from '../kit/uselasting.ts'
import css from '../teacher/room.module.css'
import { tt } from '../words/teacher.ts'

/** What is wrong, over the class: the box is away, or it did not do something. */
export function Away({ away, refused }: { away: boolean; refused: string }) {
  const told = useLasting(away)
  return (
    <div class={css.notices}>
      {told && !refused && <Banner>{tt().away.offline}</Banner>}
      {refused && (
        <p role="alert" class={css.refused}>
          {tt().refused[refused] ?? tt().refused.other}
        </p>
      )}
    </div>
  )
}
