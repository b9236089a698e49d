/** Shortens the id in a reader's name. Its beginning tells one reader from another. */
export function readerName(by: string): string {
  const [who = '', id = ''] = by.split(' ')
  return `${who} ${id.slice(0, 8)}`.trim()
}
