// For teachers: how the devices of the class are doing, and which mode suits them.
export const network = {
  network: {
    advice: 'Advice',
    why: {
      live: (ms: string) => `Notes reach the ears in ${ms}\u00a0ms. Live keeps together.`,
      snap: (ms: string) => `Notes reach the ears in ${ms}\u00a0ms. The grid hides that.`,
      loop: (ms: string) => `Notes reach the ears in ${ms}\u00a0ms. Only a loop hides that.`,
    },
    take: { live: 'Use live', snap: 'Use the grid', loop: 'Use a loop' },
    well: 'Connection is good',
    wireless: 'Give this student headphones with a cable.',
    trouble: {
      slow: 'Slow Wi-Fi',
      lossy: 'Loses notes',
      adrift: 'Finding the beat',
      wireless: 'Wireless sound',
    },
    troubled: { one: '# has a poor connection', other: '# have a poor connection' },
  },
}
