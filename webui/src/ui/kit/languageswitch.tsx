import { t } from '../words/index.ts'
import { language, setLanguage } from '../words/language.ts'
import css from './languageswitch.module.css'

/** A button that switches to the other language. */
export function LanguageSwitch() {
  const other = language.value === 'en' ? 'es' : 'en'
  return (
    <button type="button" class={css.switch} lang={other} onClick={() => setLanguage(other)}>
      {t().otherLanguage}
    </button>
  )
}
