/** How far back a number counts as one that may still come: the box keeps as many. */
export const WINDOW = 64
/** The moment of a note is rounded anew in each frame, ms; another note is further away. */
const SAME_MS = 50

/** How far a is after b, of numbers that wrap at 65536. */
export function ahead(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

/** Tells numbered notes that are new from those that come again, late or out of order. */
export class SeqWindow {
  readonly #seqs = new Int32Array(WINDOW).fill(-1)
  readonly #ats = new Float64Array(WINDOW)
  #newest = -1
  #newestAt = Number.NEGATIVE_INFINITY

  /**
   * Reports whether a note is new. at is its moment, by which a count that began anew, as that of
   * the next child on a seat, is told from an old one.
   */
  take(seq: number, at: number): boolean {
    const place = seq % WINDOW
    const behind = this.#newest < 0 ? 0 : -ahead(seq, this.#newest)
    if (behind >= WINDOW) {
      if (at <= this.#newestAt) return false
      this.#forget()
    } else if (this.#seqs[place] === seq) {
      if (at <= (this.#ats[place] ?? 0) + SAME_MS) return false
      this.#forget()
    }
    this.#seqs[place] = seq
    this.#ats[place] = at
    if (behind <= 0 || this.#newest < 0) this.#newest = seq
    this.#newestAt = Math.max(this.#newestAt, at)
    return true
  }

  #forget(): void {
    this.#seqs.fill(-1)
    this.#newest = -1
    this.#newestAt = Number.NEGATIVE_INFINITY
  }
}
