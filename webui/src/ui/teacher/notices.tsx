import type { Api } from '../../engine/box/api.ts'
import { Banner } from '../kit/button.tsx'
import { useLasting } from '../kit/uselasting.ts'
import { SoundBanner } from '../network/soundbanner.tsx'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import { BoxNotices } from './boxnotices.tsx'
import type { Desk } from './desk/desk.ts'
import { HeldBackNotices } from './heldback.tsx'
import css from './room.module.css'
import { SameAgainNotices } from './sameagain.tsx'

interface NoticesProps {
  away: boolean
  desk: Desk
  api: Api
  ways: Ways
}

/**
 * What is wrong, over the class: the box is away, it did not do the last command, this page is silent,
 * a device asks for too much, a muted student is back under another name, or what {@link BoxNotices} says.
 */
export function Notices({ away, desk, api, ways }: NoticesProps) {
  const lasting = useLasting(away)
  const refused = desk.refusal.reason.value
  return (
    <div class={css.notices}>
      {lasting && !refused && <Banner>{tt().away.offline}</Banner>}
      {refused && (
        <p role="alert" class={css.refused}>
          {tt().refused[refused] ?? tt().refused.other}
        </p>
      )}
      <SoundBanner sound={desk.sound} />
      <HeldBackNotices devices={ways.heldBack} desk={desk} />
      <SameAgainNotices desk={desk} />
      <BoxNotices api={api} ways={ways} />
    </div>
  )
}
