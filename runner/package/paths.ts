import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The nearest folder above `from` with a package.json; works from `dist/` and from the sources. */
function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from
  const above = dirname(from)
  if (above === from) throw new Error('the package.json of pushspec is missing')
  return findRoot(above)
}

export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)))

/** The chapters of the kit. */
export const specsFolder = join(packageRoot, 'specs')
export const requirementsFolder = join(specsFolder, 'requirements')
/** The description of the bundled reference server. */
export const referenceDescription = join(packageRoot, 'fixtures', 'targets', 'reference.yaml')

/** The version of the kit. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'))
  const has = typeof manifest === 'object' && manifest !== null && 'version' in manifest
  return has ? String(manifest.version) : 'unknown'
}
