import { seatPaint } from './seats.ts'

/** Returns the colour of a group, 1 to 8, for styles: eight hues of the seats, in the theme's lightness. */
export function groupPaint(group: number): string {
  return seatPaint(group - 1)
}
