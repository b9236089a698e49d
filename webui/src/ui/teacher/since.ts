/** A moment in the past, as people name it. */
export interface Since {
  kind: 'time' | 'weekday' | 'date'
  /** "09:14", "Tuesday", "November 3" */
  text: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/** Names a moment: by the clock today, by the weekday this week, else by the date. */
export function since(then: Date, now: Date, language: string): Since {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, options).format(then)
  if (then.toDateString() === now.toDateString()) {
    return { kind: 'time', text: format({ hour: '2-digit', minute: '2-digit' }) }
  }
  // Six days: the weekday of a week ago is that of today.
  const age = now.getTime() - then.getTime()
  if (age >= 0 && age < 6 * DAY_MS) return { kind: 'weekday', text: format({ weekday: 'long' }) }
  return { kind: 'date', text: format({ day: 'numeric', month: 'long' }) }
}
