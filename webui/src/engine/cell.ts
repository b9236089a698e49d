/**
 * A value that others watch. The screens wrap a cell into a signal; the engine
 * needs no more than this.
 */
export class Cell<T> {
  #value: T
  readonly #watchers = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  /** Stores a value and tells the watchers, unless it is the very same (Object.is). */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const watcher of [...this.#watchers]) watcher(value)
  }

  /** Calls fn after every change, not for the present value. Returns what ends that. */
  subscribe(fn: (value: T) => void): () => void {
    const watcher = (value: T) => fn(value)
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** Listeners of something that happens and leaves no value behind. */
export class Hook<T> {
  readonly #listeners = new Set<(event: T) => void>()

  /** Calls fn for every event from now on. Returns what ends that. */
  on(fn: (event: T) => void): () => void {
    const listener = (event: T) => fn(event)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: T): void {
    for (const listener of this.#listeners) listener(event)
  }
}
