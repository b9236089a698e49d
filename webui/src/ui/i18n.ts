import { signal } from '@preact/signals'

/** The languages that every text exists in. */
export type Language = 'en' | 'es'

const KEY = 'downbeat.language'

/** What is shown; a choice is remembered on this device. */
export const language = signal<Language>(preferred())

function preferred(): Language {
  const kept = remembered()
  if (kept === 'en' || kept === 'es') return kept
  return navigator.languages.some((l) => l.toLowerCase().startsWith('es')) &&
    !navigator.language.startsWith('en')
    ? 'es'
    : 'en'
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null // storage is switched off
  }
}

export function setLanguage(next: Language): void {
  language.value = next
  try {
    localStorage.setItem(KEY, next)
  } catch {
    // storage is switched off: the choice holds until the page is closed
  }
}

/** Texts in every language: returns what gives those of the present one. */
export function catalogue<T>(texts: Record<Language, T>): () => T {
  return () => texts[language.value]
}

/** Chooses a plural form by the rules of the present language. */
export function plural(
  count: number,
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string },
): string {
  const form = forms[new Intl.PluralRules(language.value).select(count)] ?? forms.other
  return form.replace('#', new Intl.NumberFormat(language.value).format(count))
}
