import type { Card, Choice } from '../../../engine/reflect/checkin.ts'
import { t } from '../../words/index.ts'

/** Says a choice in words, with both axes: "Fast, sunny". */
export function cellText(card: Card, { tempo, key }: Choice): string {
  const { tempos, [card]: of } = t().checkIn
  return `${tempos[tempo]}, ${of.keys[key]}`
}
