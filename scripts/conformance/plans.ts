import type { RealtimePostgresChangesPayload } from '@supabase/supabase-js'
import type { Trial } from './feature.ts'
import { Inbox } from './inbox.ts'
import type { Program } from './program.ts'
import { mint } from './token.ts'

/** A row of the box's first table. */
interface Plan {
  id: string
  title: string
  body: unknown
  published: boolean
  created_at: string
  updated_at: string
}

export type Change = RealtimePostgresChangesPayload<Plan>

/** The changes to listen for, as an app writes them. */
interface Binding {
  event?: 'INSERT' | 'UPDATE' | 'DELETE' | '*'
  schema?: string
  table?: string
  filter?: string
  select?: string[]
}

/** A program that may write. */
export const writer = (t: Trial) => t.dial({ key: mint({ role: 'service_role' }) })

export const insert = async (by: Program, plan: Partial<Plan>): Promise<Plan> => {
  const { data, error } = await by.client.from('lesson_plans').insert(plan).select().single()
  if (error) throw new Error(`insert: ${JSON.stringify(error)}`)
  return data
}

/** Listens on one channel until the box says that changes come. Returns an inbox for each binding. */
export async function listen<B extends Binding[]>(t: Trial, by: Program, ...bindings: B) {
  const inboxes = bindings.map(() => new Inbox<Change>(t.patience))
  await by.join(t.topic, {
    listen: (channel) => {
      for (const [i, binding] of bindings.entries()) {
        // Any of the overloads will do.
        const wanted = { event: '*', schema: 'public', ...binding } as { event: '*'; schema: string }
        channel.on<Plan>('postgres_changes', wanted, (change) => inboxes[i]?.put(change))
      }
    },
  })
  await by.recorder.frames.first(
    'the system message that changes come',
    (f) => f.event === 'system' && f.payload.extension === 'postgres_changes' && f.payload.status === 'ok',
  )
  return inboxes as { [K in keyof B]: Inbox<Change> }
}

/** Binds to the plans with the trial's own title. */
export const ours = (t: Trial, event: Binding['event'] = 'INSERT', more: Binding = {}): Binding => ({
  event,
  table: 'lesson_plans',
  filter: `title=eq.${t.topic}`,
  ...more,
})

/** Returns the row of a change. After a delete only its key is certain. */
export const rowOf = (change: Change) => ({ ...change.old, ...change.new }) as Plan
