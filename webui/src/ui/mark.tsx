/** The mark: the ring with a filled dot at twelve o'clock. */
export function Mark({ size = 64 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" role="img" aria-label="Downbeat">
      <circle cx="32" cy="35" r="22" fill="none" stroke="currentColor" stroke-width="6" />
      <circle cx="32" cy="13" r="10" fill="var(--beat)" stroke="var(--paper)" stroke-width="4" />
    </svg>
  )
}
