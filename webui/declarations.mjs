// Writes the types of downbeat-socket.js, for Supabase programs, as one file
// without imports: `node declarations.mjs [FILE]`. TypeScript emits the types of
// each source; this keeps the exported names of src/downbeat-socket.ts and the
// types that they mention.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const HERE = import.meta.dirname
const ENTRY = 'downbeat-socket'
const FROM = /^(?:import|export)(?: type)? \{([^}]*)\} from '(\.[^']+)\.ts';$/gm
/** A declaration at the top of a file, with the comment above it and all lines up to the next. */
const DECLARATION =
  /^(?:\/\*\*[^]*?\*\/\n)?(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)[^]*?(?=^(?:\/\*\*|export|declare|interface|type|class|import)|$(?![^]))/gm

/** Emits the types of the entry and of all that it imports; returns the folder. */
function emit() {
  const folder = mkdtempSync(path.join(tmpdir(), 'downbeat-types-'))
  const options = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--outDir', folder]
  const tsc = path.join(HERE, 'node_modules/typescript/bin/tsc')
  const config = path.join(folder, 'tsconfig.json')
  const files = [path.join(HERE, `src/${ENTRY}.ts`)]
  const base = path.join(HERE, 'tsconfig.json')
  const compilerOptions = { rootDir: path.join(HERE, 'src'), types: [] }
  writeFileSync(config, JSON.stringify({ extends: base, files, include: [], compilerOptions }))
  execFileSync(process.execPath, [tsc, '-p', config, ...options], { stdio: ['ignore', 'inherit', 'inherit'] })
  return folder
}

/** Reads a file of types: what it declares, and where its other names come from. */
function read(folder, file) {
  const text = readFileSync(path.join(folder, `${file}.d.ts`), 'utf8')
  const declared = new Map([...text.matchAll(DECLARATION)].map((match) => [match[1], match[0].trim()]))
  const imported = new Map()
  for (const [, names, from] of text.matchAll(FROM)) {
    const source = path.join(path.dirname(file), from)
    for (const name of names.split(',')) imported.set(name.replace('type ', '').trim(), source)
  }
  return { declared, imported }
}

function bundle(folder) {
  const files = new Map()
  const kept = new Map() // by name: the file and the declaration
  const keep = (file, name) => {
    if (!files.has(file)) files.set(file, read(folder, file))
    const { declared, imported } = files.get(file)
    if (imported.has(name)) return keep(imported.get(name), name)
    const text = declared.get(name)
    if (text === undefined || kept.get(name)?.file === file) return
    if (kept.has(name)) throw new Error(`${name} is declared in ${file} and in ${kept.get(name).file}`)
    kept.set(name, { file, text })
    for (const word of new Set(text.replace(/\/\*[^]*?\*\//g, '').match(/\b[A-Za-z_]\w*\b/g))) keep(file, word)
  }
  for (const name of read(folder, ENTRY).imported.keys()) keep(ENTRY, name)
  return `${[...kept.values()].map(({ text }) => text).join('\n\n')}\n\nexport {};\n`
}

const folder = emit()
try {
  writeFileSync(process.argv[2] ?? path.join(HERE, `dist/${ENTRY}.d.ts`), bundle(folder))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
