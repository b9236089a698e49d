import type { Connection } from '../../engine/room/types.ts'
import { Banner } from '../kit/button.tsx'
import { useLasting } from '../kit/uselasting.ts'
import { t } from '../words/index.ts'

/** Says that the box is away, once it has been away for two seconds. */
export function OfflineBanner({ connection }: { connection: Connection }) {
  const away = useLasting(connection.phase === 'offline')
  return away ? <Banner>{t().state.offline}</Banner> : null
}
