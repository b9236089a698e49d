import { prompts } from './prompts.ts'

/** The pictures of the scale, from stormy to sunny. */
export const feelings = { 1: 'Stormy', 2: 'Rainy', 3: 'Cloudy', 4: 'Bright', 5: 'Sunny' }

/** The bars of a question. People count them from 1. */
export const bars = (from: number, to: number) => (from === to ? `Bar ${from}` : `Bars ${from} to ${to}`)

export const reflect = {
  reflect: {
    title: 'Think back',
    bars,
    feeling: 'How did it feel?',
    feelings,
    words: 'Your words, if you like',
    share: 'Share with my teacher',
    shared: 'Your teacher can read it.',
    private: 'Only you can read it.',
    talk: 'I would like to talk',
    talkLead: 'Your teacher sees that first.',
    notLive: 'Nobody reads this right now. Tell an adult if you need help.',
    send: 'Keep it',
    skip: 'Skip',
    needs: 'Choose a picture or write something.',
    waiting: 'Not kept yet. Keep this page open.',
    kept: 'Kept on the box.',
    school: 'At the school.',
    refused: 'The box cannot keep that. Please tell your teacher.',
    back: 'Back to the music',
    unkept: 'Some of your words are not kept yet. Keep this page open.',
  },
  prompts,
}
