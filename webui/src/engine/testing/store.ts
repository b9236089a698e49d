/** A browser's storage, in memory. */
export class MemoryStore {
  readonly #map = new Map<string, string>()
  getItem(key: string) {
    return this.#map.get(key) ?? null
  }
  setItem(key: string, value: string) {
    this.#map.set(key, value)
  }
  removeItem(key: string) {
    this.#map.delete(key)
  }
}
