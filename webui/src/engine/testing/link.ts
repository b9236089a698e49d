import { Link } from '../link/link.ts'
import type { TopicHandler } from '../link/options.ts'
import { FakeBox } from './fakebox.ts'

export function setUpLink(fetchRefusal: () => Promise<string | null> = async () => null) {
  const box = new FakeBox()
  const wakes = new Set<() => void>()
  const link = new Link({
    url: 'ws://box/socket',
    openSocket: box.openSocket,
    fetchRefusal,
    random: () => 0.5,
    watchWakes: (wake) => {
      wakes.add(wake)
      return () => wakes.delete(wake)
    },
  })
  const log: string[] = []
  const user: TopicHandler = {
    linkUp: () => log.push('up'),
    linkDown: () => log.push('down'),
    receive: (m) => log.push(m.kind === 'text' ? m.frame.event : m.kind === 'json' ? m.event : m.kind),
  }
  link.attach('room', user)
  return { box, link, log, wakes }
}
