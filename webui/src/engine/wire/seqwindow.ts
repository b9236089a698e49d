/** How many numbers back a note may still come. The box keeps as many. */
export const WINDOW = 64
/** The time of a note is rounded in each frame again, ms. Two notes of one number are further apart. */
const SAME_MS = 50

/** Returns how far a is ahead of b, for numbers that wrap at 65536. */
export function seqDistance(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

/** Finds which numbered notes are new. The others come again, late or out of order. */
export class SeqWindow {
  readonly #seqs = new Int32Array(WINDOW).fill(-1)
  readonly #ats = new Float64Array(WINDOW)
  #newest = -1
  #newestAt = Number.NEGATIVE_INFINITY

  /**
   * Reports whether a note is new. at is its time. It tells an old number from one of a new count,
   * as the next student on a seat begins one.
   */
  accept(seq: number, at: number): boolean {
    const place = seq % WINDOW
    const behind = this.#newest < 0 ? 0 : -seqDistance(seq, this.#newest)
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
