import path from 'node:path'
import { build } from 'vite'

/**
 * Bundles a module and what it imports into one script, which the debugger adds to a page past the page's
 * policy. Its exports become properties of a global variable. entry is relative to this folder.
 */
export async function bundle(entry: string, name: string): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: path.resolve(import.meta.dirname, entry), formats: ['iife'], name },
    },
  })
  const [output] = Array.isArray(built) ? built : [built]
  if (!output || !('output' in output)) throw new Error(`nothing was built of ${entry}`)
  return `${output.output[0].code}\nglobalThis.${name} = ${name}`
}
