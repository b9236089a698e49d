import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import type { Api } from '../../../engine/box/api.ts'
import type { KeyboardSearch, MyKeyboards, MyKeyboardsWish } from '../../../engine/box/keyboards.ts'
import { errorText } from '../seat.ts'

/** How often the page asks the box, ms. The box ends a search that it has not heard of for 4 s. */
const POLL_MS = 500

export interface MyKeyboardsView {
  /** Null until the box has answered. */
  readonly mine: Signal<MyKeyboards | null>
  /** How the search goes or how the last one ended; null before the first. */
  readonly search: Signal<KeyboardSearch | null>
  readonly searching: Signal<boolean>
  /** What went wrong; empty if nothing did. */
  readonly problem: Signal<string>
  find(): void
  stop(): void
  change(wish: MyKeyboardsWish): void
}

/** Keeps an eye on the keyboards of the member of a token, and searches one. */
export function useMyKeyboards(api: Api, token: string): MyKeyboardsView {
  const mine = useSignal<MyKeyboards | null>(null)
  const search = useSignal<KeyboardSearch | null>(null)
  const searching = useSignal(false)
  const problem = useSignal('')
  const change = useCallback(
    async (wish: MyKeyboardsWish) => {
      try {
        mine.value = await api.changeMyKeyboards(token, wish)
        problem.value = ''
      } catch (err) {
        problem.value = errorText(err)
      }
    },
    [api, token, mine, problem],
  )
  const look = useCallback(async () => {
    if (!searching.value) {
      mine.value = await api.myKeyboards(token)
      return
    }
    const now = await api.changeMyKeyboards(token, { search: true })
    if (!searching.value) return // stopped meanwhile
    mine.value = now
    search.value = now.search
    if (now.search.state === 'found' || now.search.state === 'over') searching.value = false
  }, [api, token, mine, search, searching])
  useEffect(() => {
    let ended = false
    let timer = 0
    const go = async () => {
      await look().then(
        () => {
          problem.value = ''
        },
        (err: unknown) => {
          problem.value = errorText(err)
        },
      )
      if (!ended) timer = window.setTimeout(go, POLL_MS)
    }
    void go()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [look, problem, searching.value])
  useEffect(() => {
    if (!searching.value) return
    return () => {
      api.changeMyKeyboards(token, { search: false }).catch(() => undefined) // the box forgets it by itself
    }
  }, [api, token, searching.value])
  return {
    mine,
    search,
    searching,
    problem,
    find: () => {
      search.value = null
      searching.value = true
    },
    stop: () => {
      search.value = null
      searching.value = false
    },
    change: (wish) => void change(wish),
  }
}
