// Runs in a worker: it draws the trail, so that the page has time for sound.
import { type CanvasMessage, type TrailMessage, TrailPainter } from './painter.ts'

let painter: TrailPainter | undefined

addEventListener('message', ({ data }: MessageEvent<CanvasMessage | TrailMessage>) => {
  if ('canvas' in data) painter = new TrailPainter(data.canvas, data.dark)
  else painter?.receive(data)
})
