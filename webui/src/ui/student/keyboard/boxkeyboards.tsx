import type { Api } from '../../../engine/box/api.ts'
import type { Keyboard, KeyboardSearch } from '../../../engine/box/keyboards.ts'
import type { RoomState } from '../../../engine/room/types.ts'
import { Light } from '../../keyboard/light.tsx'
import { TuningForm } from '../../keyboard/tuning.tsx'
import { Button } from '../../kit/button.tsx'
import { t } from '../../words/index.ts'
import css from './keyboard.module.css'
import { searchText } from './searchtext.ts'
import { type MyKeyboardsView, useMyKeyboards } from './usemykeyboards.ts'

interface BoxKeyboardsProps {
  api: Api
  token: string
  state: RoomState
}

/** The keyboards on the box that are the student's, and the search for one. */
export function BoxKeyboards({ api, token, state }: BoxKeyboardsProps) {
  const view = useMyKeyboards(api, token)
  const mine = view.mine.value
  if (!mine) return <p class={css.hint}>{view.problem.value || t().state.loading}</p>
  return (
    <div class={css.box}>
      {mine.keyboards.length > 0 && (
        <ul class={css.list}>
          {mine.keyboards.map((k) => (
            <Row key={k.id} keyboard={k} change={view.change} />
          ))}
        </ul>
      )}
      {mine.plugged === 0 ? <p>{t().keyboard.none}</p> : <Search view={view} state={state} />}
      {view.problem.value && (
        <p class={css.problem} role="alert">
          {view.problem.value}
        </p>
      )}
    </div>
  )
}

function Row({ keyboard: k, change }: { keyboard: Keyboard; change: MyKeyboardsView['change'] }) {
  return (
    <li class={css.row}>
      <Light on={k.playing} />
      <b class={css.name}>{k.name}</b>
      {k.claimed && (
        <Button
          kind="quiet"
          label={`${t().keyboard.notMine}: ${k.name}`}
          onPress={() => change({ give_back: k.id })}
        >
          {t().keyboard.notMine}
        </Button>
      )}
      <div class={css.tuning}>
        <TuningForm
          name={k.name}
          tuning={k}
          onFit={(fit) => change({ id: k.id, fit })}
          onOctave={(octave) => change({ id: k.id, octave })}
        />
      </div>
    </li>
  )
}

function Search({ view, state }: { view: MyKeyboardsView; state: RoomState }) {
  const texts = t().keyboard
  const searching = view.searching.value
  const search: KeyboardSearch | null = view.search.value
  const mine = view.mine.value?.keyboards ?? []
  const has = mine.length > 0
  return (
    <>
      <p class={css.search} data-now={search?.state === 'press'} role="status">
        {search ? searchText(search, mine, state) : searching || has ? '' : texts.lead}
      </p>
      <div>
        {searching ? (
          <Button onPress={view.stop}>{texts.stop}</Button>
        ) : (
          <Button kind={has ? 'plain' : 'main'} onPress={view.find}>
            {has ? texts.findOther : texts.find}
          </Button>
        )}
      </div>
    </>
  )
}
