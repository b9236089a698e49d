import { expect, test } from 'vitest'
import { fileName, problemText, readFile } from './share.ts'

test.each([
  ['Steady beat', 'steady-beat.json'],
  ['¿Pulso firme?', 'pulso-firme.json'],
  ['../../etc/passwd', 'etc-passwd.json'],
  ['🎵', 'lesson.json'],
  ['عزف جماعي', 'عزف-جماعي.json'],
])('the file of %s', (title, want) => {
  expect(fileName(title)).toBe(want)
})

test.each([
  ['Dear colleague,', 'This file is damaged.'],
  [' '.repeat(40_000), 'This plan is too long.'],
  ['{}', 'This is not a lesson plan of Downbeat.'],
  ['{"downbeat_lesson":9}', 'This plan is for a newer Downbeat.'],
  ['{"downbeat_lesson":1}', 'Look at this of the plan: title.'],
  [
    '{"downbeat_lesson":1,"title":"a","steps":[{"activity":"play","do":"a","minutes":1,"tempo":7}]}',
    'Look at this in step 1: tempo.',
  ],
])('a bad file gets one sentence: %s', async (text, want) => {
  expect(problemText(await readFile(new Blob([text])))).toBe(want)
})
