import { describe, expect, test } from 'vitest'
import { phaseAfterClose, phaseAfterRefusal } from './end.ts'

describe('a refused join', () => {
  test.each([
    ['Unauthorized: You do not have permissions to read from this Channel topic: x', 'refused'],
    ['Unauthorized: the room is full', 'full'],
    ['InvalidJWTToken: Token has expired 3 seconds ago', 'refused'],
    ['MalformedJWT: The token provided is not a valid JWT', 'refused'],
    ['JwtSignatureError: Failed to validate JWT signature', 'refused'],
    ['ClientJoinRateLimitReached: Too many joins per second', null],
    ['RealtimeRestarting: Realtime is restarting, please standby', null],
    ['unmatched topic', null],
    ['', null],
  ])('%s', (reason, want) => expect(phaseAfterRefusal(reason)).toBe(want))
})

describe('a closed channel', () => {
  test.each([
    ['You were removed from this room', 'removed'],
    ['This room is closed', 'closed'],
    ['Token has expired 3 seconds ago', 'refused'],
    ['You no longer have permission to read from this Channel topic: x', 'refused'],
    ['Too many messages per second', null],
    ['', null],
  ])('%s', (reason, want) => expect(phaseAfterClose(reason)).toBe(want))
})
