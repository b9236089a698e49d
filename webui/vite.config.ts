import { defineConfig } from 'vite'

// One page for every path: the box answers /, /join, /teacher and /stage with index.html.
// Screens are split into chunks so that the join screen stays small.
export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'chrome109',
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
