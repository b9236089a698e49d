// For teachers: how to join, and the stage.
export const stage = {
  joining: {
    label: 'How to join',
    code: 'Room code',
    address: 'Go to',
    or: (name: string) => `or ${name}`,
    qr: 'Picture that leads a phone to this room',
    openStage: 'Open the stage',
    stageOn: 'The stage is on.',
    locked: 'Locked: nobody new can join.',
  },
  unkept:
    'The disk of the box is full or failing. The lesson goes on, but changes last only until the box restarts.',
  moved: {
    since: {
      time: (time: string) => `My address has changed since ${time}: printed cards are out of date.`,
      weekday: (day: string) => `My address has changed since ${day}: printed cards are out of date.`,
      date: (date: string) => `My address has changed since ${date}: printed cards are out of date.`,
    },
    now: 'Now it is',
    known: 'I know',
  },
  /** A device asks the box for too much. */
  heldBack: {
    students: (name: string, count: number) =>
      count === 1
        ? `The device of ${name} asks the box for too much, and is held back.`
        : `A device with ${count} seats, ${name} among them, asks the box for too much, and is held back.`,
    device: (address: string) => `The device at ${address} asks the box for too much, and is held back.`,
    remove: (count: number) => (count === 1 ? 'Remove' : `Remove all ${count}`),
    known: 'I know',
  },
  /** Why no name leads to the box, and what to do: one sentence around the address. */
  nameless: {
    why: {
      dropped: 'This network blocks names like downbeat.local:',
      deaf: 'A firewall on the box blocks names like downbeat.local:',
      port_taken: 'Another program on the box blocks names like downbeat.local:',
      contested: 'Another box here is called downbeat.local:',
      failed: 'Names like downbeat.local do not work here:',
    } as Record<string, string> & { failed: string },
    type: 'let students type',
    cards: ', as printed cards say.',
  },
  helpIn: {
    open: 'Help students in',
    title: 'How students come in',
    wifi: 'Join the Wi-Fi',
    type: 'Open the browser and type',
    code: 'Type the code',
    scan: 'A phone or tablet can point its camera at the picture instead.',
    wifiLabel: 'Name of the Wi-Fi',
    wifiHint: 'It goes onto the card. You may leave it empty.',
    print: 'Print the card',
    done: 'Done',
  },
  stageView: {
    title: 'Stage',
    go: 'Go to',
    onlyHere: 'Only this computer can open that.',
    code: 'Code',
    here: { one: '# here', other: '# here' },
    hereOf: (here: number, of: number) => `${here} of ${of} here`,
    waiting: 'Waiting for the music',
    starting: 'Get ready',
    stopping: 'The music stops after this bar.',
    nobody: 'Who comes first?',
    sound: 'Turn on the sound',
    hears: {
      own: 'Every device plays its own notes.',
      everyone: 'Every device plays everyone.',
      stage: 'This speaker plays everyone.',
    },
    full: 'Full screen',
    now: 'What is on',
    alone: (who: string) => `Only ${who} plays`,
    called: 'Your teacher plays. Listen.',
    quiet: 'Quiet',
    listen: 'Listen now.',
    settings: 'This screen',
    showCode: 'Show the code',
    light: 'Light, for a bright room',
    click: 'This speaker clicks the beat',
    timer: 'Timer, in minutes',
    minutes: { one: '# minute', other: '# minutes' },
    noTimer: 'No timer',
    timeOver: 'Time is up',
    done: 'Done',
    tempo: (bpm: number) => `${bpm} beats a minute`,
    away: 'The box is away. The beat goes on.',
  },
}
