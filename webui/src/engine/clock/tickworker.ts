// Runs in a worker. The page sends an interval, ms, and gets a message at every interval.
addEventListener('message', (e: MessageEvent<number>) => {
  setInterval(() => postMessage(0), e.data)
})
