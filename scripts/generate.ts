import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { packageRoot } from '../runner/package/paths.ts'
import { generated } from './generated.ts'

/** Writes generated files: `node dist/scripts/generate.js [NAME...]`; default: all. */
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(generated)
for (const name of names) {
  const files = await generated[name]?.()
  if (files === undefined) throw new Error(`there is no generator with the name "${name}"`)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(packageRoot, path)), { recursive: true })
    await writeFile(join(packageRoot, path), text)
  }
}
