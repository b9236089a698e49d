import { pictures } from './pictures.ts'

// For students: the music name, and what it opens.
export const music = {
  pictures,
  music: {
    open: 'My music name',
    title: 'My music name',
    lead: 'Press the three pictures on your card, in order.',
    chosen: (n: number) => `${n} of 3 pictures`,
    again: 'Start again',
    close: 'Close',
    wrong: 'Those pictures open nothing. Look at your card.',
    elsewhere: 'Your pictures are open on another device. Ask your teacher.',
    words: 'Your words',
    wordsLead: 'What you write today is kept with them.',
    none: 'You have no words here yet.',
  },
}
