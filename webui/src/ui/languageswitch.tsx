import { language, setLanguage } from './i18n.ts'
import css from './languageswitch.module.css'
import { t } from './strings.ts'

/** One press to the other language. */
export function LanguageSwitch() {
  const other = language.value === 'en' ? 'es' : 'en'
  return (
    <button type="button" class={css.switch} lang={other} onClick={() => setLanguage(other)}>
      {t().otherLanguage}
    </button>
  )
}
