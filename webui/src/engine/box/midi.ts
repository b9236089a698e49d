import type { Keyboard, KeyboardPlace, KeyboardStudent, TuningWish } from './keyboards.ts'

/** Whose notes an output plays: nobody's, everybody's, or those of chosen members. */
export type Whose = 'none' | 'all' | 'chosen'

/** A MIDI output of the box: a sound module, or a keyboard with sounds of its own. */
export interface Output {
  /** Stays the same while the device is in its socket. */
  id: string
  /** What its port calls itself. */
  name: string
  /** The code of the room that it plays; empty if the teacher has to choose. */
  room: string
  /** Whether it is sent the beat, as MIDI clock. */
  clock: boolean
  notes: Whose
  /** The ids of the members whose notes it plays if they are chosen. */
  members: string[]
  /** Whether it is a keyboard whose keys are silent on its own speaker: it was told local control off. */
  local_off: boolean
  /** Why it cannot play, in one sentence; empty if it can. */
  problem: string
  /** Whether it was sent a note in the last moments. */
  playing: boolean
}

/** The MIDI devices that are plugged into the box. */
export interface MidiPorts {
  keyboards: Keyboard[]
  /** The students as whom the keyboards may play. */
  students: KeyboardStudent[]
  outputs: Output[]
  /** Why devices may be found late or not at all, in one sentence. */
  problem?: string
}

/** What the teacher changes of a keyboard or of an output. What is missing stays as it is. */
export type PortWish =
  | KeyboardPlace
  | TuningWish
  | { output: Partial<Pick<Output, 'room' | 'clock' | 'notes' | 'members' | 'local_off'>> }

/** Whether there is anything to show: a device, or why none is found. */
export function hasPorts({ keyboards, outputs, problem }: Omit<MidiPorts, 'students'>): boolean {
  return keyboards.length + outputs.length > 0 || !!problem
}
