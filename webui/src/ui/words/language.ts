import { signal } from '@preact/signals'

/** The languages of the texts. */
export type Language = 'en' | 'es'

const STORAGE_KEY = 'downbeat.language'

/** The current language. This device remembers a choice. */
export const language = signal<Language>(preferred(storedLanguage(), globalThis.navigator?.languages ?? []))

/** Returns the stored language, or the first of the browser's that has texts, or English. */
export function preferred(stored: string | null, wanted: readonly string[]): Language {
  for (const tag of [stored ?? '', ...wanted]) {
    const found = tag.toLowerCase().split('-')[0]
    if (found === 'en' || found === 'es') return found
  }
  return 'en'
}

function storedLanguage(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY)
  } catch {
    return null // storage is switched off
  }
}

export function setLanguage(next: Language): void {
  language.value = next
  try {
    localStorage.setItem(STORAGE_KEY, next)
  } catch {
    // storage is switched off: the choice lasts until the page is closed
  }
}

/** Returns a function that returns the texts of the current language. */
export function catalogue<T>(texts: Record<Language, T>): () => T {
  return () => texts[language.value]
}

/** Returns the plural form for a count, by the rules of the current language. */
export function plural(
  count: number,
  forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string },
): string {
  const form = forms[new Intl.PluralRules(language.value).select(count)] ?? forms.other
  return form.replace('#', new Intl.NumberFormat(language.value).format(count))
}
