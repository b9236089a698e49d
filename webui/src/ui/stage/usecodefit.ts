import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type CodeFit, type CodeWidth, fitCode } from './codefit.ts'
import css from './stage.module.css'

/** The size at which the code is measured, px. */
const MEASURED = 100

/** Returns a signal with how the code of a room fits the screen. It follows the screen and the font. */
export function useCodeFit(code: string): ReadonlySignal<CodeFit> {
  const fit = useSignal(fitOf(code))
  useEffect(() => {
    const update = () => {
      fit.value = fitOf(code)
    }
    update()
    addEventListener('resize', update)
    document.fonts.addEventListener('loadingdone', update)
    return () => {
      removeEventListener('resize', update)
      document.fonts.removeEventListener('loadingdone', update)
    }
  }, [code, fit])
  return fit
}

function fitOf(code: string): CodeFit {
  return fitCode({ width: innerWidth, height: innerHeight }, widthOf(code))
}

/** Returns the two lines of a code, as "MUSIC-" and "2024". */
export function linesOf(code: string): [string, string] {
  const dash = code.lastIndexOf('-') + 1
  return [code.slice(0, dash), code.slice(dash)]
}

function widthOf(code: string): CodeWidth {
  const ruler = document.createElement('span')
  ruler.className = `${css.letters} ${css.ruler}`
  ruler.style.fontSize = `${MEASURED}px`
  ruler.ariaHidden = 'true'
  document.body.append(ruler)
  const measure = (text: string) => {
    ruler.textContent = text
    return ruler.getBoundingClientRect().width / MEASURED
  }
  const width = { one: measure(code), two: Math.max(...linesOf(code).map(measure)) }
  ruler.remove()
  return width
}
