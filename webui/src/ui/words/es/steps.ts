import type { Strings } from '../en/app.ts'

export const steps: Strings['steps'] = {
  listen: 'Escucha',
  play: 'Toca',
  echo: 'Eco',
  layers: 'Capas',
  improvise: 'Inventa',
  move: 'Muévete',
  reflect: 'Piensa',
}
