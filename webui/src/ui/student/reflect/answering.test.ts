import { expect, test } from 'vitest'
import type { Reflection } from '../../../engine/reflect/reflection.ts'
import type { Question } from '../../../engine/room/lesson.ts'
import { MemoryStore } from '../../../engine/testing/store.ts'
import { Answering, Drafts } from './answering.ts'

const question = (id: string): Question => ({ id, prompt: 'why', from_bar: 0, to_bar: 7, kept: 0 })

const row = (text: string | null, more: Partial<Reflection> = {}): Reflection => ({
  id: 'a',
  session_id: 'session',
  student_id: 'ada',
  prompt: 'Why?',
  text,
  feeling: null,
  from_bar: 0,
  to_bar: 7,
  shared: false,
  talk: false,
  ...more,
})

/** A tab; load shows its page anew. */
function tab() {
  const store = new MemoryStore()
  const sent: Reflection[] = []
  const load = (session = 'session') => {
    const drafts = new Drafts(store, { add: (r) => void sent.push(r) })
    return { drafts, page: new Answering(drafts, session) }
  }
  return { load, sent }
}

test('a draft keeps its question after a reload, also when the teacher ends it', () => {
  const { load, sent } = tab()
  const first = load()
  first.page.ask(question('q'))
  first.page.typing(row('my words', { feeling: 2, talk: true }), 'token')
  const { page, drafts } = load()
  page.ask(question('q'))
  page.ask(null)
  expect(page.question.value?.id).toBe('q')
  expect(drafts.value?.row).toEqual(row('my words', { feeling: 2, talk: true }))
  page.ask(question('next'))
  page.finish()
  expect([page.question.value?.id, drafts.value, sent]).toEqual(['next', null, []])
})

test('an answer that was sent is not asked for again after a reload', () => {
  const { load } = tab()
  const first = load()
  first.page.ask(question('q'))
  first.page.typing(row('my words'), 'token')
  first.page.sent()
  first.page.ask({ ...question('q'), kept: 1 })
  expect(first.page.question.value?.id, 'the page says where the answer is').toBe('q')
  const { page } = load()
  page.ask(question('q'))
  expect(page.question.value).toBeNull()
  page.ask(question('next'))
  expect(page.question.value?.id).toBe('next')
})

test('a draft that is empty again keeps no question', () => {
  const { page } = tab().load()
  page.ask(question('q'))
  page.typing(row('x'), 'token')
  page.typing(row(null), 'token')
  page.ask(null)
  expect(page.question.value).toBeNull()
})

test('a draft is sent when its page ends, once, and to the teacher only as chosen', () => {
  for (const [answer, shared] of [
    [row('my words'), false],
    [row(null, { feeling: 3 }), false],
    [row('my words', { shared: true }), true],
    [row('my words', { talk: true }), true],
  ] as const) {
    const { load, sent } = tab()
    const { page, drafts } = load()
    page.ask(question('q'))
    page.typing(answer, 'token')
    drafts.release()
    drafts.release()
    load().drafts.release()
    expect(sent).toEqual([{ ...answer, shared }])
  }
})

test('a draft of another session is sent, and does not stand in the way', () => {
  const { load, sent } = tab()
  const first = load()
  first.page.ask(question('q'))
  first.page.typing(row('my words'), 'token')
  const { page } = load('another')
  page.ask(question('next'))
  expect([sent, page.question.value?.id]).toEqual([[row('my words')], 'next'])
})
