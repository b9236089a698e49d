/** A page that stood still for this long may have missed that a key came up, ms. */
const STALL_MS = 2_000
const WATCH_MS = 250

/** Functions of the browser that stop the page until a person has answered. */
const BLOCKING = ['alert', 'confirm', 'prompt', 'print']

/**
 * Calls lost when keys and fingers may come up without an event: something else takes the keyboard,
 * or the page stands still. Returns a function that ends that.
 */
export function onInputLost(lost: () => void): () => void {
  const end = new AbortController()
  const { signal } = end
  const on = (target: EventTarget, events: readonly string[], happened: (e: Event) => boolean = always) => {
    const listener = (e: Event) => {
      if (happened(e)) lost()
    }
    for (const event of events) target.addEventListener(event, listener, { signal })
  }
  on(window, ['blur', 'pagehide', 'beforeprint', 'dragstart', 'compositionstart'])
  on(document, ['visibilitychange', 'freeze', 'fullscreenchange', 'pointerlockchange'])
  on(window, ['focusin', 'pointerdown'], takesKeyboard)
  on(window, ['contextmenu'], mayOpenMenu)
  on(window, ['keydown'], hidesKeyUps)
  const ends = [...BLOCKING.map((name) => beforeCalls(name, lost)), watchStalls(lost)]
  return () => {
    end.abort()
    for (const each of ends) each()
  }
}

function always(): boolean {
  return true
}

/** Whether keys that are pressed on an element are meant for it. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio'
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLElement && target.isContentEditable
}

/** Dialogs, popovers and lists take the keyboard. Safari moves no focus to a list that a press opens. */
function takesKeyboard({ target }: Event): boolean {
  return isTyping(target) || (target instanceof Element && target.closest('dialog, [popover]') !== null)
}

/** While Command is down, macOS does not tell which keys come up. */
function hidesKeyUps(e: Event): boolean {
  const { key, metaKey } = e as KeyboardEvent
  return metaKey || key === 'Meta' || key === 'OS'
}

/** A finger that rests on a key asks for a menu too. The instrument prevents that one. */
function mayOpenMenu(e: Event): boolean {
  return !e.defaultPrevented || (e as PointerEvent).pointerType === 'mouse'
}

/** Calls fn before each call of a function of the window. Returns a function that ends that. */
function beforeCalls(name: string, fn: () => void): () => void {
  const page = window as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>
  const original = page[name]
  if (!original) return () => {}
  const wrapped = (...args: unknown[]) => {
    fn()
    return original.apply(window, args)
  }
  page[name] = wrapped
  return () => {
    if (page[name] === wrapped) page[name] = original
  }
}

/**
 * Calls fn after the page stood still: the machine slept, or a debugger or a dialog of an extension
 * stopped it. The wall clock also counts sleep.
 */
function watchStalls(fn: () => void): () => void {
  let last = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    if (now - last > STALL_MS) fn()
    last = now
  }, WATCH_MS)
  return () => clearInterval(timer)
}
