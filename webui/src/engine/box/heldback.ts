/** A device that has asked the box for more than it may have. */
export interface HeldBack {
  address: string
  /** What it asked for, the box's word. */
  of: string
  /** Who joined from there, in any room. */
  students: { room: string; student_id: string; name: string }[]
}
