import { useSignal } from '@preact/signals'
import { type Api, ApiError } from '../../../engine/box/api.ts'
import type { Music } from '../../../engine/box/classes.ts'
import { enterMusic, type OwnRecords } from '../../../engine/reflect/own.ts'
import { Button } from '../../kit/button.tsx'
import { Picture, PLACES } from '../../kit/pictures.tsx'
import { t } from '../../words/index.ts'
import { errorText } from '../seat.ts'
import css from './musicname.module.css'

/** How many pictures make a music name. */
const LENGTH = 3

interface MusicPadProps {
  api: Api
  token: string
  onOpen: (own: OwnRecords) => void
}

/** The twelve pictures. The third press sends: nobody has to spell or to find another button. */
export function MusicPad({ api, token, onOpen }: MusicPadProps) {
  const chosen = useSignal<readonly number[]>([])
  const problem = useSignal('')
  const texts = t().music
  const press = async (place: number) => {
    if (chosen.value.length >= LENGTH || chosen.value.includes(place)) return
    problem.value = ''
    chosen.value = [...chosen.value, place]
    if (!isMusic(chosen.value)) return
    try {
      onOpen(await enterMusic(api, token, chosen.value))
    } catch (err) {
      problem.value = problemText(err)
      chosen.value = []
    }
  }
  return (
    <>
      <p>{texts.lead}</p>
      <p class={css.slots} role="status">
        {Array.from({ length: LENGTH }, (_, i) => (
          <span key={i} class={css.slot}>
            <Slot place={chosen.value[i]} />
          </span>
        ))}
        <span class="visually-hidden">{texts.chosen(chosen.value.length)}</span>
      </p>
      {problem.value && (
        <p class={css.problem} role="alert">
          {problem.value}
        </p>
      )}
      <div class={css.pad}>
        {PLACES.map((place) => (
          <button
            key={place}
            type="button"
            class={css.picture}
            aria-pressed={chosen.value.includes(place)}
            onClick={() => void press(place)}
          >
            <Picture place={place} size={48} />
            {t().pictures[place]}
          </button>
        ))}
      </div>
      <Button
        disabled={chosen.value.length === 0}
        onPress={() => {
          chosen.value = []
        }}
      >
        {texts.again}
      </Button>
    </>
  )
}

function Slot({ place }: { place: number | undefined }) {
  return place === undefined ? null : <Picture place={place} size={36} />
}

function isMusic(chosen: readonly number[]): chosen is Music {
  return chosen.length === LENGTH
}

function problemText(err: unknown): string {
  const texts = t().music
  if (!(err instanceof ApiError)) return errorText(err)
  if (err.error === 'no_music') return texts.wrong
  return err.error === 'elsewhere' ? texts.elsewhere : errorText(err)
}
