// The icons of the teacher's screens. They have the colour of the text around them.

interface IconProps {
  size?: number
}

export function PlayIcon({ size = 28 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path
        d="M7 3.5v17l14-8.5z"
        fill="currentColor"
        stroke="currentColor"
        stroke-linejoin="round"
        stroke-width="2"
      />
    </svg>
  )
}

export function StopIcon({ size = 28 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect x="5" y="5" width="14" height="14" rx="2" fill="currentColor" />
    </svg>
  )
}

/** A loudspeaker, crossed out while muted. */
export function SpeakerIcon({ size = 22, muted = false }: IconProps & { muted?: boolean }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="M4 9.5h3.5L12 5.5v13l-4.5-4H4z" fill="currentColor" />
      {muted ? (
        <path d="m16 9 5.5 6m0-6L16 15" />
      ) : (
        <path d="M16 8.8a5 5 0 0 1 0 6.4M18.8 6a9 9 0 0 1 0 12" />
      )}
    </svg>
  )
}

/** An open hand: stop and listen. */
export function HandIcon({ size = 30 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="M7.5 12V6a1.4 1.4 0 0 1 2.8 0v4.5V4.2a1.4 1.4 0 0 1 2.8 0v6.3V5.4a1.4 1.4 0 0 1 2.8 0v6.1-3.6a1.4 1.4 0 0 1 2.8 0v6.6a7 7 0 0 1-7 7h-.6a6 6 0 0 1-4.7-2.3l-3.6-4.8a1.5 1.5 0 0 1 2.3-1.9z" />
    </svg>
  )
}

export function LockIcon({ size = 20, open = false }: IconProps & { open?: boolean }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <rect x="5" y="11" width="14" height="9.5" rx="2" fill="currentColor" />
      <path d={open ? 'M8 11V7.5a4 4 0 0 1 7.6-1.8' : 'M8 11V7.5a4 4 0 0 1 8 0V11'} />
    </svg>
  )
}

/** A printer with a sheet coming out. */
export function PrinterIcon({ size = 22 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="M7 8V3.5h10V8M7 17H4.5V8h15v9H17" />
      <rect x="7" y="13.5" width="10" height="7" />
    </svg>
  )
}

/** An arrow that turns back. */
export function UndoIcon({ size = 22 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="M8.5 4.5 4 9l4.5 4.5M4.5 9H14a5 5 0 0 1 0 10h-3.5" />
    </svg>
  )
}

export function CrossIcon({ size = 20 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="m6 6 12 12M18 6 6 18" />
    </svg>
  )
}

export function BackIcon({ size = 20 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="m14.5 5-7 7 7 7" />
    </svg>
  )
}

export function ClickIcon({ size = 22 }: IconProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true" {...STROKE}>
      <path d="M8.5 3.5h7l3.5 17H5zM12 15.5 18.5 6M6.5 15.5h11" />
    </svg>
  )
}

const STROKE = {
  stroke: 'currentColor',
  'stroke-width': 2,
  'stroke-linecap': 'round',
  'stroke-linejoin': 'round',
} as const
