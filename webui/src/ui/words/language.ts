import { signal } from '@preact/signals'

/** The languages that every text exists in. */
export type Language = 'en' | 'es'

const KEY = 'downbeat.language'

/** What is shown; a choice is remembered on this device. */
export const language = signal<Language>(preferred(remembered(), globalThis.navigator?.languages ?? []))

/** The language chosen before, or else the first of the browser's that there is; English if there is none. */
export function preferred(kept: string | null, wanted: readonly string[]): Language {
  for (const tag of [kept ?? '', ...wanted]) {
    const found = tag.toLowerCase().split('-')[0]
    if (found === 'en' || found === 'es') return found
  }
  return 'en'
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
