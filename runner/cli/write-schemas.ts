import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { specsFolder } from './paths.ts'
import { schemas } from './schemas.ts'

/** Brings `specs/schema` in line with the code: `npm run schemas`. */
const folder = join(specsFolder, 'schema')
await mkdir(folder, { recursive: true })
for (const [name, text] of Object.entries(schemas())) await writeFile(join(folder, name), text)
