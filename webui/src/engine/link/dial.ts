import { laneAddress } from '../lane/offer.ts'
import { hasPeers } from '../lane/peer.ts'
import { Ways } from '../lane/switch.ts'
import { type Dial, dialWebSocket } from '../net/websocket.ts'

/** Dials a WebSocket that gets a lane beside it, where browser and address allow one. */
export const dialBox: Dial = (url, events) => {
  const address = hasPeers() ? laneAddress(url) : null
  if (!address) return dialWebSocket(url, events)
  const ws = dialWebSocket(address.socket, {
    open: () => events.open(),
    message(data, at) {
      const kept = ways.hears(data, at)
      if (kept !== null) events.message(kept, at, 'websocket')
    },
    close(code, reason) {
      ways.close()
      events.close(code, reason)
    },
  })
  const ways = new Ways(address, {
    message: (data, at) => events.message(data, at, 'webrtc'),
    socket: (data) => ws.send(data),
    moved: (to) => events.moved?.(to),
  })
  return {
    send: (data) => ways.sends(data) || ws.send(data),
    close() {
      ways.close()
      ws.close()
    },
    get backlog() {
      return ways.backlog ?? ws.backlog
    },
    get lane() {
      return ways.stats
    },
  }
}
