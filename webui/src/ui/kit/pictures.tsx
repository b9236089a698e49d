import css from './feelings.module.css'

/**
 * The twelve pictures of music names. The box counts them by their places, and printed cards show
 * them: the order never changes (classlist.Pictures on the box). Shapes tell them apart, not colours.
 */
const PICTURES = [
  // sun, moon, star
  'M20 12a8 8 0 1 0 .01 0ZM20 2v5M20 33v5M2 20h5M33 20h5M7 7l4 4M29 29l4 4M33 7l-4 4M11 29l-4 4',
  'M26 5a16 16 0 1 0 9 24A13 13 0 0 1 26 5Z',
  'M20 3l5 11.5 12.5 1.5-9.5 8 3 12.5-11-6.5-11 6.5 3-12.5-9.5-8L15 14.5Z',
  // tree, flower, fish
  'M20 3 9 16h6L5 29h30L25 16h6ZM20 29v9',
  'M20 11a4 4 0 1 0 .01 0ZM20 3a4 4 0 1 0 .01 0ZM27.6 8.5a4 4 0 1 0 .01 0ZM24.7 17.5a4 4 0 1 0 .01 0ZM15.3 17.5a4 4 0 1 0 .01 0ZM12.4 8.5a4 4 0 1 0 .01 0ZM20 26v12M20 36c-2-5-8-5-8-5M20 36c2-5 8-5 8-5',
  'M3 20c6-12 19-12 26 0-7 12-20 12-26 0ZM29 20l8-8v16ZM11 17v.1M18 15c2 3 2 7 0 10',
  // bird, house, boat
  'M5 23c0-9 8-14 15-10 1-7 10-8 12 0l5 2-5 2c0 10-7 15-14 15C10 32 5 29 5 23ZM27 11v.1M12 22c3 5 9 5 12-1M17 32v6M23 31v7',
  'M3 20 20 5l17 15M8 16v21h24V16M16 37V25h8v12',
  'M3 27h34l-6 10H9ZM20 27V3l13 19H20M20 9 9 22h11',
  // bell, drum, cat
  'M20 3v4M7 31c5-3 4-8 4-14a9 9 0 0 1 18 0c0 6-1 11 4 14ZM16 34a4 4 0 0 0 8 0',
  'M5 17c0-7 30-7 30 0v13c0 8-30 8-30 0ZM5 17c0 7 30 7 30 0M4 2l11 11M36 2 25 13',
  'M7 5l7 6h12l7-6v18a13 13 0 0 1-26 0ZM15 20v.1M25 20v.1M18 26l2 2 2-2M1 23l8 2M39 23l-8 2',
] as const

/** The places of the pictures. */
export const PLACES = PICTURES.map((_, place) => place)

/** One picture. A word stands beside it, so screen readers skip it. */
export function Picture({ place, size = 40 }: { place: number; size?: number }) {
  return (
    <svg class={css.picture} width={size} height={size} viewBox="0 0 40 40" aria-hidden="true">
      <path d={PICTURES[place] ?? ''} />
    </svg>
  )
}
