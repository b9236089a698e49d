// What teachers read: how to join, and the stage.
export const stage = {
  door: {
    label: 'How to join',
    code: 'Room code',
    address: 'Go to',
    qr: 'Picture that leads a phone to this room',
    openStage: 'Open the stage',
    stageOn: 'The stage is on.',
    locked: 'Locked: nobody new can join.',
  },
  stageView: {
    title: 'Stage',
    go: 'Go to',
    onlyHere: 'Only this computer can open that.',
    code: 'Code',
    here: { one: '# here', other: '# here' },
    waiting: 'Waiting for the music',
    nobody: 'Who comes first?',
    sound: 'Turn on the sound',
    hears: {
      own: 'Every device plays its own notes.',
      everyone: 'Every device plays everyone.',
      stage: 'This speaker plays everyone.',
    },
    full: 'Full screen',
    quiet: 'Quiet now. Listen.',
    tempo: (bpm: number) => `${bpm} beats a minute`,
    away: 'The box is away. The beat goes on.',
  },
}
