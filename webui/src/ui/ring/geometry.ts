// Places on the ring. The unit is half the ring's side, the origin its middle.

export const TAU = 2 * Math.PI

/** A member around the ring. */
export interface RingSeat {
  seat: number
  muted: boolean
  online: boolean
}

/** The radius of a ring with members around it. */
export const RADIUS = 0.68
/** How far outside the ring the members are. */
const OUT = 0.2
/** The size of the light around a member, in sizes of its mark. */
export const HALO = 1.25

/** Returns the place of the i-th of n members, 0 to 1 around the ring. No place is over the first beat. */
export function placeOf(i: number, n: number): number {
  return (i + 0.5) / Math.max(1, n)
}

/** Returns where a member's mark is. */
export function seatAt(place: number, radius: number): readonly [x: number, y: number] {
  return [(radius + OUT) * Math.sin(TAU * place), -(radius + OUT) * Math.cos(TAU * place)]
}

/** Returns the size of a lit mark. Its light touches neither the edge nor the light of the next member. */
export function litSize(markSize: number, radius: number, n: number): number {
  const out = radius + OUT
  return Math.min(1.4 * markSize, (1 - out) / HALO, (Math.PI * out) / n / HALO)
}
