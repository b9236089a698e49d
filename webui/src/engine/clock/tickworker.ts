// Runs in a worker. The page says how many milliseconds apart it wants to be told, and is.
addEventListener('message', (e: MessageEvent<number>) => {
  setInterval(() => postMessage(0), e.data)
})
