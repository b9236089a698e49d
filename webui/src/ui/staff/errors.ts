import { type Api, ApiError } from '../../engine/box/api.ts'
import { tt } from '../words/teacher.ts'

/** What went wrong with a request, as a teacher is told it. */
export function trouble(err: unknown): string {
  const texts: Record<string, string> = tt().problem
  return (err instanceof ApiError ? texts[err.error] : undefined) ?? tt().problem.other
}

/** Whether the box wants a teacher to sign in first. */
export function isSignedOut(err: unknown): boolean {
  return err instanceof ApiError && err.error === 'signed_out'
}

/**
 * The address to type, as numbers where there are some: the page's own if it is one, because
 * it is known to work, else the box's best.
 */
export function addressToType(page: string, addresses: readonly string[]): string {
  if (addresses.includes(page)) return page
  return addresses[0] ?? page
}

/** Asks the box for it; the page's own address if the box is away. */
export async function typedAddress(api: Api): Promise<string> {
  try {
    return addressToType(location.host, (await api.status()).addresses)
  } catch {
    return location.host
  }
}
