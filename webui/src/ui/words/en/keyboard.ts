// For students: the keyboard in front of them.
export const keyboard = {
  title: 'My keyboard',
  none: 'No keyboard is plugged into the box.',
  lead: 'Is there a keyboard in front of you? Let the box find it.',
  find: 'Find my keyboard',
  findOther: 'Find another one',
  stop: 'Stop',
  press: 'Now press one key on your keyboard.',
  rest: 'Nothing? Lift your hands, then press one key.',
  turn: (name: string) => `${name} searches first. Do not press yet.`,
  turnElsewhere: 'Somebody searches first. Do not press yet.',
  ahead: { one: '# student before you.', other: '# students before you.' },
  found: (keyboard: string) => `${keyboard} is yours. Play!`,
  taken: (keyboard: string, name: string) =>
    `${keyboard} is ${name}’s. Is it in front of you? Ask your teacher.`,
  kept: (keyboard: string) => `Your teacher keeps ${keyboard}. Ask them.`,
  other: 'Or press a key on another one.',
  over: 'No key came. Try again.',
  notMine: 'Not mine',
  onBox: 'On the box',
  onDevice: 'On this device',
  device: {
    use: 'Use a keyboard on this device',
    stop: 'Stop using it',
    asking: 'Your browser asks. Choose “Allow”.',
    none: 'Plug your keyboard into this device.',
    refused: 'Your browser said no. Allow MIDI in its settings, then try again.',
    failed: 'This device finds no keyboards. Plug yours into the box.',
    missing: 'This browser plays no keyboards. Plug yours into the box.',
    insecure: 'Plug your keyboard into the box. Or ask your school to set up https.',
  },
  close: 'Done',
}

/** For students and teachers: the notes that the keys of a keyboard give. */
export const tuning = {
  fit: (keyboard: string) => `What the keys of ${keyboard} play`,
  fits: {
    pass: 'Every key its own note',
    snap: 'Nearest note of the scale',
    white: 'White keys are the scale',
  },
  lower: (keyboard: string) => `${keyboard}: an octave lower`,
  higher: (keyboard: string) => `${keyboard}: an octave higher`,
  octave: (n: number) => (n === 0 ? 'Octave 0' : `Octave ${n > 0 ? '+' : '−'}${Math.abs(n)}`),
}
