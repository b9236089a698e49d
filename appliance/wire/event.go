package wire

// TopicPrefix precedes every topic on the wire.
const TopicPrefix = "realtime:"

// RoomPrefix precedes a room's code in its topic.
const RoomPrefix = "music_room:"

// Events that members of a music room send.
const (
	EventPlayNote = "play_note"
	EventStopNote = "stop_note"
	EventResync   = "resync" // asks for room_state again
	EventReport   = "network_report"
	EventExpect   = "expect_students" // from a teacher: how many they wait for
	EventDismiss  = "dismiss_stuck"   // from a teacher: who needs no help
	EventNotes    = "n"               // binary notes, up and down
	EventClock    = "c"               // clock ping and reply, to one member
)

// Events that only the box sends into a music room.
const (
	EventRoomState      = "room_state"
	EventRoomChanged    = "room_changed"
	EventRoomClosed     = "room_closed"
	EventMemberChanged  = "member_changed"
	EventMemberRemoved  = "member_removed"
	EventTempoChanged   = "tempo_changed"
	EventStudentNote    = "student_note"
	EventStudentNoteOff = "student_note_off"
	EventStudentMuted   = "student_muted"
	EventBeatAssigned   = "beat_assigned"
	EventRoleAssigned   = "role_assigned"
	EventGroupAssigned  = "group_assigned"
	EventVolume         = "volume_changed"
	EventAlone          = "alone_changed"
	EventAllCall        = "all_call_changed"
	EventListening      = "listening_changed" // to one teacher: whom they listen in to
	EventInstrument     = "instrument_assigned"
	EventReflection     = "reflection_changed"
	EventBeat           = "beat"
	EventNetwork        = "network"       // to teachers: what a member reported
	EventLobby          = "lobby_changed" // to teachers and the stage: who is in
)
