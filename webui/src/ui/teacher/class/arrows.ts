/** Moves the focus from tile to tile with the arrow keys, as the tiles lie on the screen. */
export function moveFocus(e: KeyboardEvent): void {
  const from = e.target as HTMLElement
  if (!from.dataset.tile || !e.key.startsWith('Arrow')) return
  const tiles = [...(e.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[data-tile]')]
  const to = neighbour(from, tiles, e.key)
  if (!to) return
  e.preventDefault()
  from.tabIndex = -1
  to.tabIndex = 0
  to.focus()
}

function neighbour(from: HTMLElement, tiles: readonly HTMLElement[], key: string): HTMLElement | undefined {
  const at = tiles.indexOf(from)
  if (key === 'ArrowLeft') return tiles[at - 1]
  if (key === 'ArrowRight') return tiles[at + 1]
  return nearest(from, tiles, key === 'ArrowDown' ? 1 : -1)
}

/** Returns the tile in the next row that is most nearly below (1) or above (-1). */
function nearest(
  from: HTMLElement,
  tiles: readonly HTMLElement[],
  direction: 1 | -1,
): HTMLElement | undefined {
  const { left, top } = from.getBoundingClientRect()
  let found: HTMLElement | undefined
  let least = Number.POSITIVE_INFINITY
  for (const tile of tiles) {
    const box = tile.getBoundingClientRect()
    const rows = (box.top - top) * direction
    const distance = rows * 4 + Math.abs(box.left - left) // a row counts more than a column
    if (rows > 8 && distance < least) {
      least = distance
      found = tile
    }
  }
  return found
}
