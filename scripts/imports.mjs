// Checks the imports of webui/src: a file imports from its own folder and from
// the layers below, and no files import each other in a circle. Tests and the
// fakes in testing/ may import everything.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

const SOURCES = path.resolve(import.meta.dirname, '../webui/src')

/** From the bottom up. Folders of one layer do not know each other. */
const LAYERS = [
  ['engine/cell.ts', 'engine/storage.ts'],
  ['engine/wire', 'engine/net', 'engine/clock'],
  ['engine/lane', 'engine/audio', 'engine/box'],
  ['engine/link', 'engine/reflect'],
  ['engine/room'],
  ['engine/play', 'engine/lesson'],
  ['engine/midi'],
  ['ui/words/en'],
  ['ui/words/es'],
  ['ui/words'],
  ['ui/kit'],
  ['ui/keyboard', 'ui/ring', 'ui/network', 'ui/staff', 'ui/lobby'],
  ['ui/student', 'ui/teacher', 'ui/stage'],
  ['ui/app.tsx'],
  ['main.tsx', 'downbeat-socket.ts'],
]

/** An import, an export from, a lazy import or a worker: what stands between the quotes. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*['"](\.[^'"]+\.tsx?)['"]/g

/** Each file and the files that it imports. */
function readImports() {
  const files = readdirSync(SOURCES, { recursive: true }).filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\/testing\//.test(file),
  )
  return new Map(files.sort().map((file) => [file, importsOf(file)]))
}

function importsOf(file) {
  const text = readFileSync(path.join(SOURCES, file), 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => path.join(path.dirname(file), match[1]))
}

/** The layer of a file and its folder there; the layer is -1 if it has none. */
function placeOf(file) {
  const holds = (folder) => file === folder || file.startsWith(`${folder}/`)
  const layer = LAYERS.findIndex((folders) => folders.some(holds))
  return { layer, folder: LAYERS[layer]?.find(holds) }
}

function crossings(imports) {
  return [...imports].flatMap(([file, targets]) => {
    const from = placeOf(file)
    if (from.layer < 0) return [`in no layer: ${file}`]
    return targets
      .map((target) => ({ target, to: placeOf(target) }))
      .filter(({ to }) => to.layer < 0 || (to.layer >= from.layer && to.folder !== from.folder))
      .map(({ target }) => `not from a layer below: ${file} -> ${target}`)
  })
}

function circles(imports) {
  const done = new Set()
  const visit = (file, way) => {
    if (way.includes(file)) return [`a circle: ${[...way.slice(way.indexOf(file)), file].join(' -> ')}`]
    if (done.has(file)) return []
    done.add(file)
    return (imports.get(file) ?? []).flatMap((target) => visit(target, [...way, file]))
  }
  return [...imports.keys()].flatMap((file) => visit(file, []))
}

const imports = readImports()
const wrong = [...crossings(imports), ...circles(imports)]
for (const line of wrong) console.log(line)
process.exit(wrong.length === 0 ? 0 : 1)
