/** A value that can be watched. The screens wrap a cell into a signal; the engine needs no more. */
export class Cell<T> {
  #value: T
  readonly #watchers = new Set<(value: T) => void>()

  constructor(value: T) {
    this.#value = value
  }

  get value(): T {
    return this.#value
  }

  /** Stores a value and calls the watchers, unless it is the very same value (Object.is). */
  set(value: T): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const watcher of [...this.#watchers]) watcher(value)
  }

  /** Calls fn after every change, but not for the present value. Returns a function that ends that. */
  subscribe(fn: (value: T) => void): () => void {
    const watcher = (value: T) => fn(value)
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

/** An event that leaves no value behind, and its listeners. */
export class Emitter<T> {
  readonly #listeners = new Set<(event: T) => void>()

  /** Calls fn for every event from now on. Returns a function that ends that. */
  on(fn: (event: T) => void): () => void {
    const listener = (event: T) => fn(event)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  emit(event: T): void {
    for (const listener of this.#listeners) listener(event)
  }
}
