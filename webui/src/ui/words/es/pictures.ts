import type { pictures as en } from '../en/pictures.ts'

export const pictures: typeof en = [
  'Sol',
  'Luna',
  'Estrella',
  'Árbol',
  'Flor',
  'Pez',
  'Pájaro',
  'Casa',
  'Barco',
  'Campana',
  'Tambor',
  'Gato',
]
