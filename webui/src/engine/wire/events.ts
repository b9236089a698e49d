/** The binary events: room frames, and clock pings with their replies. */
export const EVENT_NOTES = 'n'
export const EVENT_CLOCK = 'c'
export const EVENT_RESYNC = 'resync'
/** The report of a device about its network, and the box's copy of it for teachers. */
export const EVENT_REPORT = 'network_report'
export const EVENT_NETWORK = 'network'
/** Who is in, for the teacher and the stage; how many the teacher waits for; and who needs no help. */
export const EVENT_LOBBY = 'lobby_changed'
/** To one teacher: whom they listen in to. */
export const EVENT_LISTENING = 'listening_changed'
export const EVENT_EXPECT = 'expect_students'
export const EVENT_DISMISS = 'dismiss_stuck'
