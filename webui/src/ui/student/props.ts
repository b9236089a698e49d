import type { Api, Seat } from '../../engine/box/api.ts'
import type { SeatStore } from '../../engine/box/seatstore.ts'

/** What the play screen gets once a student has joined. */
export interface PlayProps {
  api: Api
  seat: Seat
  /** Created while the Play button is pressed: browsers let a page sound only after a press. */
  audio: AudioContext
  seatStore: SeatStore
  /** Goes back to the join screen. */
  onLeave: () => void
  /** Called when the box no longer takes the seat's token. */
  onRefused: (seat: Seat) => void
}
