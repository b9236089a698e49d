/** The pictures of music names, in their order. */
export const pictures = [
  'Sun',
  'Moon',
  'Star',
  'Tree',
  'Flower',
  'Fish',
  'Bird',
  'House',
  'Boat',
  'Bell',
  'Drum',
  'Cat',
]
