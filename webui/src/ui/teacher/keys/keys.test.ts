import { expect, test } from 'vitest'
import { belongsTo, keyOf, meaning, type Pressed, SHORTCUTS } from './keys.ts'

function press(key: string, more: Partial<Pressed> = {}): Pressed {
  return {
    key,
    code: '',
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    repeat: false,
    ...more,
  }
}

test.each([
  ['space', press(' '), 'play'],
  ['a letter', press('q'), 'quiet'],
  ['a letter with caps lock', press('Q'), 'quiet'],
  ['plus, which is shift and equals', press('+', { shiftKey: true, code: 'Equal' }), 'faster'],
  ['a held plus', press('+', { repeat: true }), 'faster'],
  ['a held space', press(' ', { repeat: true }), null],
  ['a digit', press('2', { code: 'Digit2' }), 'snap'],
  ['shift and a digit, whatever it types', press('"', { code: 'Digit2', shiftKey: true }), 1],
  ['help, wherever it is on the keyboard', press('?', { shiftKey: true, code: 'Minus' }), 'help'],
  ['the other delete', press('Backspace'), 'remove'],
  ['a key of the browser', press('t', { ctrlKey: true }), null],
  ['a key without meaning', press('9', { code: 'Digit9' }), null],
])('%s', (_, pressed, want) => {
  expect(meaning(pressed)).toBe(want)
})

test('no key does two things', () => {
  const keys = SHORTCUTS.flatMap((s) => s.keys.map((k) => k.toLowerCase()))
  expect(new Set(keys).size).toBe(keys.length)
  expect(new Set(SHORTCUTS.map((s) => s.action)).size).toBe(SHORTCUTS.length)
  expect(keyOf('play')).toBe('Space')
})

test.each([
  ['nothing has the focus', null, ' ', true, false],
  ['typing a tempo', { tagName: 'INPUT', type: 'number' }, '1', false, true],
  ['typing a name', { tagName: 'INPUT', type: 'text' }, 'q', false, true],
  ['a button that was clicked', { tagName: 'BUTTON' }, ' ', false, false],
  ['a button that was tabbed to', { tagName: 'BUTTON' }, ' ', true, true],
  ['a letter at a button', { tagName: 'BUTTON' }, 'm', true, false],
  ['letters choose in a list', { tagName: 'SELECT' }, 'p', false, true],
  ['a list that was clicked', { tagName: 'SELECT' }, ' ', false, false],
  ['one of a few', { tagName: 'INPUT', type: 'radio' }, 'q', true, false],
])('%s', (_, focused, key, byKeyboard, want) => {
  expect(belongsTo(focused, key, byKeyboard)).toBe(want)
})
