// Places on the ring. The unit is half the ring's side, the origin its middle.

export const TAU = 2 * Math.PI

/** A member around the ring. */
export interface RingSeat {
  seat: number
  muted: boolean
  online: boolean
}

/** The radius of a ring with members around it. */
export const RADIUS = 0.6
/** Seats to a row around the ring. The second row sits behind the gaps of the first. */
const ROW = 32
const ROWS = [0.795, 0.925] as const
/** The size of the light around a member, in sizes of its mark. */
export const HALO = 1.25

/**
 * Returns the place of a seat, 0 to 1 around the ring. It depends on the seat alone, so that nobody moves
 * when somebody joins. Each new seat halves the widest gap, and none is over the first beat.
 */
export function placeOf(seat: number): number {
  const second = Math.floor(seat / ROW) % 2
  return (reversed(seat % ROW) + (second ? 0.75 : 0.25)) / ROW
}

/** Returns a number from 0 to 31 with its five bits in the opposite order. */
function reversed(i: number): number {
  let out = 0
  for (let bit = 1; bit < ROW; bit *= 2) out = 2 * out + (i & bit ? 1 : 0)
  return out
}

/** Returns where the mark of a seat is. */
export function seatAt(seat: number): readonly [x: number, y: number] {
  const out = Math.floor(seat / ROW) % 2 ? ROWS[1] : ROWS[0]
  const angle = TAU * placeOf(seat)
  return [out * Math.sin(angle), -out * Math.cos(angle)]
}

/** The most seats that leave space for large marks. */
const FEW = 16

/** The radius of a mark, and of one that is lit. The light of a lit one touches no other light. */
export interface MarkSize {
  readonly still: number
  readonly lit: number
}

/** Returns the size of marks in a room whose seats are taken up to a number. */
export function markSize(seats: number): MarkSize {
  return seats <= FEW ? { still: 0.062, lit: 0.068 } : { still: 0.05, lit: 0.056 }
}

/** How many hits of one moment lie behind one another; the others lie beside them. */
const DEEP = 8
/** Even one player's hits are no larger than with so many. */
const SHALLOW = 4

/** The ring between two circles where hits are drawn. */
export interface Band {
  readonly inner: number
  readonly outer: number
}

/** Where a hit lies: how far from the middle, how far round from the playhead in radians, and its radius. */
export interface Spot {
  readonly distance: number
  readonly turn: number
  readonly radius: number
}

/**
 * Returns where the hits of a seat lie. Every seat has a cell of its own beside the playhead, so that a
 * beat of forty is forty hits, and the same player is in the same cell on every beat. seats is how many
 * are taken.
 */
export function spotOf(seat: number, seats: number, { inner, outer }: Band): Spot {
  const rows = Math.min(DEEP, Math.max(SHALLOW, seats))
  const columns = Math.max(1, Math.ceil(seats / rows))
  const cell = (outer - inner) / rows
  const distance = outer - cell * ((seat % rows) + 0.5)
  const column = (Math.floor(seat / rows) % columns) - (columns - 1) / 2
  return { distance, turn: (column * cell) / distance, radius: 0.44 * cell }
}
