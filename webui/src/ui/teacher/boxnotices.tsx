import type { Api } from '../../engine/box/api.ts'
import { Banner } from '../kit/button.tsx'
import type { Ways } from '../staff/useways.ts'
import { tt } from '../words/teacher.ts'
import { MovedNotice } from './moved.tsx'
import { NamelessNotice } from './nameless.tsx'
import { SchoolNotice } from './school.tsx'

/**
 * What a teacher should know of the box: its disk takes no changes, words do not reach the school,
 * printed cards lead elsewhere, no name leads here.
 */
export function BoxNotices({ api, ways }: { api: Api; ways: Ways }) {
  return (
    <>
      {ways.failing && <Banner>{tt().unkept}</Banner>}
      <SchoolNotice school={ways.school} />
      <MovedNotice api={api} ways={ways} />
      <NamelessNotice ways={ways} />
    </>
  )
}
