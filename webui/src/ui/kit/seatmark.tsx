import css from './seatmark.module.css'
import { seatPaint, seatShape, shapePath } from './seats.ts'

interface SeatMarkProps {
  seat: number
  /** Pixels. The default fits a line of text. */
  size?: number
  /** Draws the mark hollow, with a bar across. */
  muted?: boolean
  /** Draws the mark faded, with the hands of a clock: the member is away. */
  gone?: boolean
}

/** A seat's colour and shape. Screen readers skip it, because a name stands beside it. */
export function SeatMark({ seat, size = 24, muted = false, gone = false }: SeatMarkProps) {
  const colour = seatPaint(seat)
  return (
    <svg
      class={gone ? css.gone : css.mark}
      width={size}
      height={size}
      viewBox="-1.3 -1.3 2.6 2.6"
      aria-hidden="true"
    >
      <path
        d={shapePath(seatShape(seat))}
        style={{ fill: muted ? 'none' : colour, stroke: colour }}
        stroke-width={muted ? 0.22 : 0.08}
        stroke-linejoin="round"
      />
      {muted && (
        <path d="M-1.1 1.1 1.1-1.1" stroke="currentColor" stroke-width="0.26" stroke-linecap="round" />
      )}
      {gone && (
        <path
          d="M0-.5V0L.36.24"
          fill="none"
          stroke={muted ? 'currentColor' : 'var(--paper)'}
          stroke-width="0.24"
          stroke-linecap="round"
        />
      )}
    </svg>
  )
}
