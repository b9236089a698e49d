import type { Strings } from '../en/app.ts'

export const keyboard: Strings['keyboard'] = {
  title: 'Mi teclado',
  none: 'No hay ningún teclado conectado a la caja.',
  lead: '¿Tienes un teclado delante? Deja que la caja lo encuentre.',
  find: 'Buscar mi teclado',
  findOther: 'Buscar otro',
  stop: 'Parar',
  press: 'Ahora pulsa una tecla de tu teclado.',
  rest: '¿Nada? Levanta las manos y pulsa una tecla.',
  turn: (name) => `Primero busca ${name}. No pulses todavía.`,
  turnElsewhere: 'Primero busca otra persona. No pulses todavía.',
  ahead: { one: '# estudiante antes que tú.', other: '# estudiantes antes que tú.' },
  found: (keyboard) => `${keyboard} es tuyo. ¡Toca!`,
  taken: (keyboard, name) => `${keyboard} es de ${name}. ¿Lo tienes delante? Pregunta a tu docente.`,
  kept: (keyboard) => `Tu docente se queda con ${keyboard}. Pregúntale.`,
  other: 'O pulsa una tecla de otro.',
  over: 'No llegó ninguna tecla. Prueba otra vez.',
  notMine: 'No es el mío',
  onBox: 'En la caja',
  onDevice: 'En este aparato',
  device: {
    use: 'Usar un teclado de este aparato',
    stop: 'Dejar de usarlo',
    asking: 'Tu navegador pregunta. Elige «Permitir».',
    none: 'Conecta tu teclado a este aparato.',
    refused: 'Tu navegador dijo que no. Permite MIDI en sus ajustes y prueba otra vez.',
    failed: 'Este aparato no encuentra teclados. Conecta el tuyo a la caja.',
    missing: 'Este navegador no toca teclados. Conecta el tuyo a la caja.',
    insecure: 'Conecta tu teclado a la caja. O pide a tu escuela que active https.',
  },
  close: 'Listo',
}

export const tuning: Strings['tuning'] = {
  fit: (keyboard) => `Qué tocan las teclas de ${keyboard}`,
  fits: {
    pass: 'Cada tecla su nota',
    snap: 'La nota más cercana de la escala',
    white: 'Las blancas son la escala',
  },
  lower: (keyboard) => `${keyboard}: una octava más grave`,
  higher: (keyboard) => `${keyboard}: una octava más aguda`,
  octave: (n) => (n === 0 ? 'Octava 0' : `Octava ${n > 0 ? '+' : '−'}${Math.abs(n)}`),
}
