import { Lane } from '../lane/lane.ts'
import { FakePeers } from './fakepeer.ts'

const ADDRESS = { socket: 'ws://box/', offer: 'http://box/', token: 'tok' }

export function setUpLane() {
  const peers = new FakePeers()
  const log: string[] = []
  const networks = new Set<() => void>()
  const lane = new Lane(
    ADDRESS,
    {
      up: () => log.push('up'),
      down: (number, wasUp) => log.push(`${wasUp ? 'down' : 'not up'} ${number}`),
      message: () => log.push('message'),
      ping: () => {
        log.push('ask')
        lane.watchdog.pingSent()
      },
    },
    {
      openPeer: peers.open,
      watchNetwork: (changed) => {
        networks.add(changed)
        return () => networks.delete(changed)
      },
      random: () => 0.5,
    },
  )
  const change = () => {
    for (const changed of networks) changed()
  }
  return { lane, peers, log, networks, change }
}

export function setUpLaneThatIsUp() {
  const t = setUpLane()
  t.lane.start()
  t.peers.last.opens()
  t.peers.last.say('x')
  t.lane.watchdog.replyReceived()
  t.log.length = 0
  return t
}
