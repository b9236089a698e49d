/** A MIDI keyboard that is plugged into the box. */
export interface Keyboard {
  /** Stays the same while the keyboard is in its socket. */
  id: string
  /** What its port calls itself. */
  name: string
  /** The code of the room where it plays, and the member that it plays as; empty while it plays nowhere. */
  room: string
  student_id: string
  /**
   * Whose seat that is: its own, a student's, or its own and the stage alone sounds it. Empty while it
   * plays nowhere.
   */
  as: '' | 'own' | 'student' | 'stage'
  /** Whether the student has found it, and not got it from the teacher. */
  claimed: boolean
  /** How its keys fit the scale of the room, and how many octaves they are moved up. */
  fit: 'pass' | 'snap' | 'white'
  octave: number
  /** Whether the port is meant for a program, and not listened to until the teacher sends it somewhere. */
  left_alone: boolean
  /** Why it cannot play, in one sentence; empty if it can. */
  problem: string
  /** Whether a key was pressed in the last moments. */
  playing: boolean
}

/** A student as whom a keyboard may play. */
export interface KeyboardStudent {
  /** The code of the room. */
  room: string
  student_id: string
  name: string
  seat: number
}

/** Where a keyboard is to play: nowhere with an empty room, as a student, or for the stage alone. */
export interface KeyboardPlace {
  room: string
  student_id?: string
  stage?: boolean
}

/** Which notes the keys are to give. */
export type TuningWish = { fit: Keyboard['fit'] } | { octave: number }

/** How a student's search for the keyboard in front of them goes. */
export interface KeyboardSearch {
  /** wait: others search before. press: the next key counts. over: no key came in time. */
  state: 'none' | 'wait' | 'press' | 'found' | 'over'
  /** How many students search before. */
  ahead: number
  /** The id of the student whose turn it is; empty if they are in another room. */
  turn: string
  /** The id of the keyboard. */
  found: string
  /** The last keyboard that was played and that the student cannot have. */
  refused?: {
    name: string
    /** The id of the student who has it; empty if the teacher keeps it. */
    owner: string
  }
}

/** The keyboards that play as the student who asks. */
export interface MyKeyboards {
  /** How many keyboards the box has. */
  plugged: number
  keyboards: Keyboard[]
  search: KeyboardSearch
}

/** What a student wishes: to begin a search, go on with it or end it, to give back what they found, to tune. */
export type MyKeyboardsWish = { search: boolean } | { give_back: string } | ({ id: string } & TuningWish)
