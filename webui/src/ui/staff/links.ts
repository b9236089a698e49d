/** Returns the link to the stage of a room. */
export function stageLink(code: string): string {
  return `/stage?code=${encodeURIComponent(code)}`
}

/**
 * Returns what to type into a browser. Chrome takes a bare name that ends in .local for a search; with a
 * port, or as numbers, it knows an address.
 */
export function toType(address: string): string {
  return /^[\w-]+(\.[\w-]+)*\.local$/i.test(address) ? `http://${address}` : address
}

/** Prefers a numeric address. The page's own comes first, because it is known to work. */
export function bestAddress(page: string, addresses: readonly string[]): string {
  if (addresses.includes(page)) return page
  return addresses[0] ?? page
}

/** Returns the pieces of an address between which a line may break: groups of IPv6, nothing else. */
export function pieces(address: string): string[] {
  return address.startsWith('[') ? address.split(/(?<=:)(?=[0-9a-f]*[:\]])(?!:)/i) : [address]
}
