/** What waits for the school's database. */
export interface SchoolSync {
  /** Rows that wait. */
  pending: number
  /** How long the first of them has waited, seconds. */
  oldest_s: number
  /** Rows that the database does not take. */
  set_aside: number
  /** Rows wait, and none has left for a minute. */
  stuck: boolean
  /** Why, the box's word: "unreachable", "login", "admission", "schema"…; undefined if all is well. */
  reason?: string
}
