/** How long a wait may take, ms: far more than it usually does, for a busy machine. */
export const PATIENCE_MS = 10_000

/** Keeps what arrives, in order, and lets a test wait for more. */
export class Inbox<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<() => void>()

  /** patience limits every wait, ms. */
  constructor(private readonly patience = PATIENCE_MS) {}

  readonly put = (item: T): void => {
    this.all.push(item)
    for (const look of [...this.#waiting]) look()
  }

  /** Returns the first item that fits, among those from index `from` on. what names it in the error. */
  first(what: string, fits: (item: T) => boolean = () => true, from = 0): Promise<T> {
    return this.#until(what, () => this.all.slice(from).find(fits))
  }

  /** Returns all items that fit, as soon as there are count of them. */
  atLeast(count: number, what: string, fits: (item: T) => boolean = () => true): Promise<T[]> {
    return this.#until(`${count} × ${what}`, () => {
      const found = this.all.filter(fits)
      return found.length >= count ? found : undefined
    })
  }

  #until<R>(what: string, look: () => R | undefined): Promise<R> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#waiting.delete(again)
      }
      const again = () => {
        const found = look()
        if (found === undefined) return
        end()
        resolve(found)
      }
      const timer = setTimeout(() => {
        end()
        reject(new Error(`waited ${this.patience} ms in vain for ${what}; came: ${JSON.stringify(this.all)}`))
      }, this.patience)
      this.#waiting.add(again)
      again()
    })
  }
}
