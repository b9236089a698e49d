import type { Activity } from '../../../engine/room/teaching.ts'

/** One stroked path for each activity, on a square of 24. */
const PATHS: Readonly<Record<Activity, string>> = {
  listen: 'M9 20a3 3 0 0 0 3-3c0-4 5-4 5-9a5.5 5.5 0 0 0-11 0M10 9a2.5 2.5 0 0 1 4 0c.5 1.5-2.5 2-2.5 4',
  play: 'M4 11a8 3.5 0 1 0 16 0a8 3.5 0 1 0-16 0v5a8 3.5 0 0 0 16 0v-5M7 3l5 7M19 3l-5 7',
  echo: 'M4 9v6M8 6v12M13 8.5a5 5 0 0 1 0 7M16.5 5.5a9.5 9.5 0 0 1 0 13',
  layers: 'M12 3 3 8l9 5 9-5zM3 12.5l9 5 9-5M3 17l9 5 9-5',
  improvise: 'M12 2.5l2.400 6.600 6.600 2.400-6.600 2.400L12 20.5l-2.400-6.600L3 11.5l6.600-2.400z',
  move: 'M2 9c3-5 7-5 10 0s7 5 10 0M2 17c3-5 7-5 10 0s7 5 10 0',
  reflect: 'M5 14a6 6 0 0 1 2-10 6 6 0 0 1 10 1 4.5 4.5 0 0 1 0 9zM9 18h.01M6 21.5h.01',
}

/** What the class does in a step, as a picture. The word beside it says the same. */
export function ActivityPicture({ activity, size = 24 }: { activity: Activity; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path
        d={PATHS[activity]}
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}
