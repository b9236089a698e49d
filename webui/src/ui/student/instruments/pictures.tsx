// Pictures of the instruments: lines in a square of 48, in the colour of the text around them.

const LINES: Readonly<Record<string, string>> = {
  piano: 'M5 10h38v28H5zM14.5 24v14M24 24v14M33.5 24v14M12 10v14h5V10M21.5 10v14h5V10M31 10v14h5V10',
  epiano: 'M4 15h40v14H4zM11 29v12M37 29v12M10 22v7M16 22v7M22 22v7M28 22v7M34 22v7M8 18h6',
  marimba: 'M5 14h6v26H5zM14 16h6v22h-6zM23 18h6v18h-6zM32 20h6v14h-6zM41 8 30 15M27 15a3 3 0 1 0 4 2',
  xylophone: 'M6 12h5v28H6zM14 15h5v22h-5zM22 18h5v16h-5zM30 21h5v10h-5zM38 23h5v6h-5zM4 20h40M4 32h40',
  glockenspiel: 'M5 12 43 18v14L5 38zM12 13.5v22.5M19 15v20M26 16v18M33 17v15M38 8l-9 6M28 12a2 2 0 1 0 3 3',
  guitar:
    'M40 5 26 20M43 8 29 22M38 3l7 7M24 19c-5-1-6 3-8 5s-7 1-9 6 0 9 4 11 9 0 10-4 1-6 4-8 6-5 4-9zM20 29a3 3 0 1 0 .1 0',
  bass: 'M43 4 25 23M45 8 28 25M40 3l6 7M25 22c-3-4-6-3-7 0s1 5-3 6-9 4-8 9 8 6 12 3 2-6 6-8 6 0 7-3-2-5-7-7zM17 33l5-5',
  strings: 'M12 6c2 10 18 6 26 14-8 6-14 12-22 22zM18 13v25M23 15v18M28 16v12M33 18v6',
  flute:
    'M4 30 40 10l3 4L7 34zM14 26a1 1 0 1 0 .1 0M21 22a1 1 0 1 0 .1 0M27 19a1 1 0 1 0 .1 0M33 15.5a1 1 0 1 0 .1 0',
  clarinet: 'M32 4h4l-6 30 7 8H17l9-8zM29 12h3M28 18h3M27 24h3M26 30h3',
  trumpet: 'M4 18v8M4 22h24l14-9v22l-14-9M13 22v10h14V22M16 22v-7M21 22v-7M26 22v-7',
  organ: 'M6 40V20l3-4 3 4v20zM16 40V14l3-4 3 4v26zM26 40V14l3-4 3 4v26zM36 40V20l3-4 3 4v20zM4 40h40',
  kalimba: 'M8 12h32v26c0 4-32 4-32 0zM14 12V28M20 8v22M26 8v24M32 10v18M10 18h28M24 36a2 2 0 1 0 .1 0',
  steel_drums:
    'M5 18c0-5 38-5 38 0s-38 5-38 0zM5 18c2 22 36 22 38 0M13 18c0-2 7-2 7 0s-7 2-7 0zM28 18c0-2 7-2 7 0s-7 2-7 0zM10 4l9 9M38 4l-9 9',
  drums:
    'M6 22c0-5 36-5 36 0v14c0 5-36 5-36 0zM6 22c0 5 36 5 36 0M12 26v12M24 27v13M36 26v12M6 6l15 12M42 6 27 18',
}

const HEAD = 'M24 6a18 18 0 1 0 .1 0z'
const RIM = 'M24 10a14 14 0 1 0 .1 0z'

/** The drums as the player sees them from above, by their General MIDI note. */
const DRUMS: Readonly<Record<number, string>> = {
  36: `${HEAD}${RIM}M24 18a6 6 0 1 0 .1 0z`, // kick, with its felt
  38: `${HEAD}${RIM}M14 20h20M12 24h24M14 28h20`, // snare, with its wires
  39: 'M10 30l10-18 4 2-6 12 14-14 4 4-12 14 10-8 3 3-14 15c-4 4-10 1-13-10zM30 6v5M38 9l-3 4M42 16l-4 1', // clap
  42: 'M4 24c0-5 40-5 40 0s-40 5-40 0zM4 28c0 5 40 5 40 0M24 6v36', // closed hat
  46: 'M4 17c0-5 40-5 40 0s-40 5-40 0zM4 31c0-5 40-5 40 0s-40 5-40 0zM24 4v40', // open hat
  45: `${HEAD}${RIM}`,
  47: 'M24 8a16 16 0 1 0 .1 0zM24 12a12 12 0 1 0 .1 0z',
  50: 'M24 10a14 14 0 1 0 .1 0zM24 14a10 10 0 1 0 .1 0z',
  49: 'M4 30c-2-8 36-20 40-12s-38 20-40 12zM21 22l4 3M24 24v18', // crash, tilted
  51: 'M4 24c0-9 40-9 40 0s-40 9-40 0zM18 22c0-5 12-5 12 0M24 30v12', // ride, with its bell
  54: `${HEAD}M24 14a10 10 0 1 0 .1 0zM24 6v8M24 34v8M6 24h8M34 24h8M11 11l6 6M31 31l6 6M37 11l-6 6M17 31l-6 6`, // tambourine
  56: 'M17 10h14l8 28H9zM20 10V5h8v5M13 38c0 4 22 4 22 0', // cowbell
}

interface PictureProps {
  size?: number
}

/** A picture of an instrument, by its name on the wire. */
export function InstrumentPicture({ of, size = 32 }: PictureProps & { of: string }) {
  return <Lines d={LINES[of] ?? LINES.piano} size={size} />
}

/** A picture of a drum, by its note. */
export function DrumPicture({ of, size = 48 }: PictureProps & { of: number }) {
  return <Lines d={DRUMS[of] ?? HEAD} size={size} />
}

function Lines({ d, size }: { d: string | undefined; size: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 48 48"
      fill="none"
      stroke="currentColor"
      stroke-width="2.5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={d} />
    </svg>
  )
}

/** The instruments that have a picture of their own. */
export const PICTURED: readonly string[] = Object.keys(LINES)
/** The drums that have one. */
export const PICTURED_DRUMS: readonly number[] = Object.keys(DRUMS).map(Number)
