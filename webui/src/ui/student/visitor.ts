import { useEffect, useMemo } from 'preact/hooks'
import type { Api } from '../../engine/box/api.ts'
import { VisitReports, visitorId } from '../../engine/box/visit.ts'
import { useCell } from '../kit/usecell.ts'

/** The id of this page while it has no seat. */
export const VISITOR = visitorId()

/** Reports the page to the teacher while the component is shown. Returns the letter by which they find it. */
export function useVisit(api: Api, code: string): string {
  const reports = useMemo(() => new VisitReports(api, code, VISITOR), [api, code])
  useEffect(() => {
    reports.start()
    return () => reports.dispose()
  }, [reports])
  return useCell(reports.mark).value
}
