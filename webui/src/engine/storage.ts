/** The part of a browser's storage that the engine uses. */
export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Returns the value of a key; empty if there is none, or if reading is forbidden. */
export function read(store: Store, key: string): string {
  try {
    return store.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** Stores a value, if that is allowed. */
export function write(store: Store, key: string, value: string): void {
  try {
    store.setItem(key, value)
  } catch {
    // Full or forbidden: the next visit starts fresh.
  }
}

/** Removes a value, if that is allowed. */
export function remove(store: Store, key: string): void {
  try {
    store.removeItem(key)
  } catch {
    // Forbidden, like writing.
  }
}

/** Returns the browser's storage of that name, or one that forgets. Even touching it may throw. */
export function storage(name: 'localStorage' | 'sessionStorage'): Store {
  try {
    return globalThis[name] ?? forgetful
  } catch {
    return forgetful
  }
}

const forgetful: Store = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
