// What /downbeat-socket.js of the box exports for Supabase programs (see
// scripts/conformance/README.md). declarations.mjs writes its types from this.
export { DownbeatSocket } from './engine/lane/downbeatsocket.ts'
export { encodeNotesUp } from './engine/wire/notes.ts'
export { decodeRoomFrame } from './engine/wire/roomframe.ts'
