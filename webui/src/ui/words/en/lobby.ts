// For teachers: who is in, and who needs help.
export const lobby = {
  lobby: {
    title: 'Who is in?',
    help: 'Who needs help',
    of: (here: number, of: number) => `${here} of ${of} are in`,
    everyone: 'Everyone is in.',
    onPage: { one: '# has the page', other: '# have the page' },
    coming: { one: '# reads their name', other: '# read their name' },
    played: { one: '# has played', other: '# have played' },
    stuck: { one: '# needs help', other: '# need help' },
    more: { one: 'and # more', other: 'and # more' },
    /** A device without a seat, followed by the letter that its own screen shows. */
    screen: 'Screen',
    dismiss: 'Needs no help',
    /** For screen readers. who is a student's name, or a screen with its letter. */
    dismissWho: (who: string) => `${who} needs no help`,
    why: {
      not_found: 'Wrong code',
      locked: 'The room is locked',
      full: 'The room is full',
      removed: 'Was taken out',
      slow_down: 'Too many tries',
      missing: 'No connection',
      idle: 'Has not typed the code',
      no_play: 'Has not pressed Play',
      no_sound: 'No sound yet',
      no_connection: 'No connection',
    },
    typed: (code: string) => `typed ${code}`,
    ago: (ms: number) =>
      ms < 60_000 ? `${Math.max(0, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} min`,
    expected: 'How many students come?',
    expectedHint: 'The stage then says when everyone is in.',
    badNumber: (most: number) => `Type a number from 0 to ${most}.`,
    done: 'Done',
    attendance: 'Who was here, as a file (CSV)',
    readmit: 'Let them come back',
    readmitted: 'They can join again now.',
  },
  /** A muted student has taken a new seat on the same device. */
  sameAgain: {
    muted: (name: string, was: string) => `${name} was ${was}, and is still muted.`,
    unmute: 'Unmute',
    known: 'I know',
  },
}
