/** The logo of Downbeat: a ring with a filled dot at twelve o'clock. */
export function Logo({ size = 64 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" role="img" aria-label="Downbeat">
      <circle cx="32" cy="35" r="23" fill="none" stroke="currentColor" stroke-width="7" />
      <circle cx="32" cy="12.5" r="10.5" fill="var(--beat)" stroke="var(--paper)" stroke-width="4" />
    </svg>
  )
}
