// What the class does in a step of a lesson, as a short word beside its picture.
export const steps = {
  listen: 'Listen',
  play: 'Play',
  echo: 'Echo',
  layers: 'Layers',
  improvise: 'Invent',
  move: 'Move',
  reflect: 'Think back',
}
