// What /downbeat-socket.js of the box exports, for Supabase programs: see the README.
export { DownbeatSocket } from './engine/lane/downbeatsocket.ts'
export { decodeRoomFrame, encodeNotesUp } from './engine/wire/notes.ts'
