/** Bounds of a code, as appliance/names has them. */
const MIN_WORD = 2
const MAX_WORD = 16
const MAX_NUMBER = 8
const MAX_TYPED = 96
/** With fewer digits behind it, a gap is inside the number. */
const LEAST_AFTER_GAP = 3

/** The letters and digits of a typed code, and the places before which there is a hyphen, a space or the like. */
interface Signs {
  readonly text: string
  readonly gaps: ReadonlySet<number>
}

/**
 * Reads a join code as children type it: "music 2024" and "Müsic–2O24" are MUSIC-2024. Returns an
 * empty string if the text can be no code. The box does the same (names.ParseCode in Go) and both are
 * tested with appliance/names/testdata/codes.json. Words that only sound alike are for the box to find.
 */
export function parseCode(typed: string): string {
  const signs = readSigns(typed)
  const at = split(signs)
  return at === 0 ? '' : codeOf(signs, at)
}

function readSigns(typed: string): Signs {
  const none = { text: '', gaps: new Set<number>() }
  if (typed.length > 2 * MAX_TYPED || [...typed].length > MAX_TYPED) return none
  let text = ''
  const gaps = new Set<number>()
  for (const char of typed.replace(WHOLE, (letter) => PLAIN[letter] ?? '').normalize('NFKD')) {
    if (UNSEEN.test(char)) continue
    if (GAP.test(char)) {
      gaps.add(text.length)
      continue
    }
    const sign = signOf(char)
    if (sign === '' || text.length === MAX_WORD + MAX_NUMBER) return none
    text += sign
  }
  return { text, gaps }
}

/** Letters that NFKD leaves whole. */
const PLAIN: Record<string, string> = {
  ß: 'SS',
  ẞ: 'SS',
  æ: 'AE',
  Æ: 'AE',
  œ: 'OE',
  Œ: 'OE',
  ø: 'O',
  Ø: 'O',
  ł: 'L',
  Ł: 'L',
  đ: 'D',
  Đ: 'D',
  ı: 'I',
}
const WHOLE = /[ßẞæÆœŒøØłŁđĐı]/g
/** Accents, and what shows nothing. */
const UNSEEN = /^[\p{M}\p{Cf}]$/u
/** Spaces, dashes, low line, dots, and the long vowel that a Japanese keyboard has on its dash. */
const GAP = /^[\s\x85\p{Pd}_.·\u2212\u2043\u02d7\u30fc]$/u
/** The zeros of Latin, Arabic, Persian and Devanagari. */
const ZEROS = [0x30, 0x660, 0x6f0, 0x966]

/** The capital letter or digit that a character is; empty if none. */
function signOf(char: string): string {
  const point = char.codePointAt(0) ?? 0
  const zero = ZEROS.find((z) => point >= z && point <= z + 9)
  if (zero !== undefined) return String(point - zero)
  if (char === '|') return '1'
  const upper = char.toUpperCase()
  return /^[A-Z]$/.test(upper) ? upper : ''
}

/** Where the word ends and the number begins; 0 if the signs are no code. See names.ParseCode. */
function split({ text, gaps }: Signs): number {
  const inner = [...gaps].filter((p) => p > 0 && p < text.length)
  const plain = /^[A-Z]+(?=\d+$)/.exec(text)?.[0].length ?? 0
  const [gap] = inner
  const inNumber =
    inner.length === 1 && gap !== undefined && gap > plain && text.length - gap < LEAST_AFTER_GAP
  if (plain > 0 && (inner.length === 0 || gaps.has(plain) || inNumber)) return fits(text, plain) ? plain : 0
  if (gap !== undefined && inner.length === 1 && swaps(text, gap) !== undefined) return gap
  let best = { at: 0, cost: Number.POSITIVE_INFINITY, gap: false }
  for (let at = MIN_WORD; at <= MAX_WORD; at++) {
    const count = swaps(text, at)
    if (count === undefined) continue
    const here = { at, cost: count + (inner.length > 0 && !gaps.has(at) ? 1 : 0), gap: gaps.has(at) }
    if (here.cost < best.cost || (here.cost === best.cost && here.gap && !best.gap)) best = here
  }
  return best.at
}

function fits(text: string, at: number): boolean {
  return at >= MIN_WORD && at <= MAX_WORD && at < text.length && text.length - at <= MAX_NUMBER
}

/** How many signs are taken for others if the word ends there; undefined if it cannot. */
function swaps(text: string, at: number): number | undefined {
  const word = [...text.slice(0, at)]
  const number = [...text.slice(at)]
  if (!fits(text, at) || !word.every(asLetter) || !number.every(asDigit)) return undefined
  const letters = word.filter((sign) => !isDigit(sign)).length
  const digits = number.filter(isDigit).length
  return letters >= MIN_WORD && digits >= 1 ? text.length - letters - digits : undefined
}

function codeOf({ text }: Signs, at: number): string {
  const word = [...text.slice(0, at)].map(asLetter)
  const number = [...text.slice(at)].map(asDigit)
  return `${word.join('')}-${number.join('')}`
}

const DIGITS: Record<string, string> = { O: '0', I: '1', L: '1', Z: '2', S: '5', G: '6', B: '8' }
const LETTERS = 'OIZEASGTB'

/** The digit that a sign is, or is taken for; empty if none. */
function asDigit(sign: string): string {
  return isDigit(sign) ? sign : (DIGITS[sign] ?? '')
}

/** The letter that a sign is, or is taken for; empty if none. */
function asLetter(sign: string): string {
  return isDigit(sign) ? (LETTERS[Number(sign)] ?? '') : sign
}

function isDigit(sign: string): boolean {
  return sign >= '0' && sign <= '9'
}
