/** The steps of both axes, from slow to fast and from stormy to sunny. */
const tempos = { 1: 'Slow', 2: 'Steady', 3: 'Fast' }
const keys = { 1: 'Stormy', 2: 'Cloudy', 3: 'Sunny' }

// For students: a card to begin with.
export const checkIn = {
  checkIn: {
    title: 'To begin',
    tempos,
    /** How the student feels. */
    check_in: {
      ask: 'How do you feel right now?',
      axes: 'Up and down: your inner tempo. Left and right: your inner key.',
      keys,
      note: 'You can read it again with your music name. Your teacher sees how many, never who. Tell an adult if you need help.',
      send: 'Keep it',
    },
    /** Which music the student would like. */
    opener: {
      ask: 'How shall the music sound?',
      axes: 'Up and down: the tempo. Left and right: the sound.',
      keys: { 1: 'Quiet', 2: 'Medium', 3: 'Loud' },
      note: 'Hear it in your head. The box does not keep it.',
      send: 'Ready',
    },
    skip: 'Skip',
    needs: 'Choose a card, or skip.',
    ready: 'You are ready.',
  },
}

// For teachers and the stage.
export const checkIns = {
  checkIns: {
    open: 'Check-in',
    title: 'Check-in',
    lead: 'Children whose parents agree choose how they feel. All others choose how the music sounds. From here both look alike, and everybody may skip.',
    where: 'Say who may be asked in the class list.',
    ask: 'Ask the class',
    end: 'End the check-in',
    later: 'You see how the class feels after the end.',
    /** Both counts are of students. */
    ready: (ready: number, of: number) => `${ready} of ${of} ready`,
    sum: 'How the class felt',
    before: 'How the class felt before',
    after: 'How the class felt after',
    sumLead: 'Each number counts children. Numbers under 5 stay hidden, so that they point at nobody.',
    few: 'under 5',
    failed: 'The numbers did not load. Close this and try again.',
    tempo: 'Inner tempo',
    tempos,
    keys,
    close: 'Close',
  },
}
