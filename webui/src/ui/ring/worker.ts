// Runs in a worker: it draws what was played, so that the page need not.
import { type TrailOrder, TrailPainter } from './painter.ts'

let painter: TrailPainter | undefined

addEventListener('message', ({ data }: MessageEvent<TrailOrder>) => {
  if ('canvas' in data) painter = new TrailPainter(data.canvas, data.dark)
  else painter?.obey(data)
})
