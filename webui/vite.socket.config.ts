import { defineConfig } from 'vite'

// The socket for Supabase programs: one file beside the web app, with everything in it.
export default defineConfig({
  publicDir: false,
  build: {
    target: 'chrome109',
    outDir: 'dist',
    emptyOutDir: false,
    lib: { entry: 'src/downbeat-socket.ts', formats: ['es'], fileName: () => 'downbeat-socket.js' },
    rolldownOptions: { output: { minify: true } },
  },
})
