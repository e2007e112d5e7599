import { execFile } from 'node:child_process'
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { describe, expect, test } from '@jest/globals'
import { packageRoot } from '../../runner/package/paths.ts'
import { loadTarget } from '../../runner/index.ts'

const Exports = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Object({ types: Type.String(), default: Type.String() })]),
)
const Manifest = Type.Object({
  exports: Exports,
  dependencies: Type.Record(Type.String(), Type.String()),
  bin: Type.Record(Type.String(), Type.String()),
})
const Locked = Type.Object({
  dev: Type.Optional(Type.Boolean()),
  optional: Type.Optional(Type.Boolean()),
  resolved: Type.Optional(Type.String()),
})
const Lock = Type.Object({ packages: Type.Record(Type.String(), Locked) })
const Packed = Type.Array(
  Type.Object({ unpackedSize: Type.Number(), files: Type.Array(Type.Object({ path: Type.String() })) }),
)

const read = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(packageRoot, name), 'utf8'))
const manifest = Value.Parse(Manifest, await read('package.json'))
const lock = Value.Parse(Lock, await read('package-lock.json'))

/** What npm would publish; asked once. */
async function pack(): Promise<Static<typeof Packed>[number]> {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: packageRoot,
    maxBuffer: 2 ** 26,
  })
  const [first] = Value.Parse(Packed, JSON.parse(stdout))
  if (first === undefined) throw new Error('npm packs nothing')
  return first
}

const packed = await pack()

describe('the package', () => {
  test('stays small: direct dependencies, all dependencies, and what it unpacks to', async () => {
    const all = Object.entries(lock.packages).filter(
      ([path, { dev, optional }]) => path !== '' && !dev && !optional,
    )
    const names = new Set(all.map(([path]) => path.replace(/^.*node_modules\//, '')))
    expect(Object.keys(manifest.dependencies).length).toBeLessThanOrEqual(14)
    expect(names.size).toBeLessThanOrEqual(45)
    expect(packed.unpackedSize).toBeLessThan(8 * 2 ** 20)
    const readme = await readFile(join(packageRoot, 'README.md'), 'utf8')
    const [, direct, packages] = /has (\d+) direct dependencies, (\d+) in total/.exec(readme) ?? []
    expect([Number(direct), Number(packages)]).toEqual([
      Object.keys(manifest.dependencies).length,
      names.size,
    ])
  })

  test('has a README of one page', async () => {
    const lines = (await readFile(join(packageRoot, 'README.md'), 'utf8')).split('\n')
    expect(lines.length).toBeLessThan(190)
  })

  test('holds what it exports, the chapters, the descriptions and nothing of the tests', async () => {
    const paths = new Set(packed.files.map(({ path }) => path))
    const entries = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : [entry.types, entry.default],
    )
    const files = entries.filter((entry) => !entry.includes('*')).map((entry) => entry.replace(/^\.\//, ''))
    for (const file of [...files, ...Object.values(manifest.bin)]) await access(join(packageRoot, file))
    const expected = [
      ...files,
      'specs/websocket/closing.yaml',
      'fixtures/targets/reference.yaml',
      'README.md',
      'LICENSE',
    ]
    expect(expected.filter((file) => !paths.has(file))).toEqual([])
    expect([...paths].filter((path) => /(^|\/)test\/|\.test\./.test(path))).toEqual([])
  })

  test('has a lock file that names no registry', () => {
    const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined)
    expect(named.map(([path]) => path)).toEqual([])
  })
})

const folder = join(packageRoot, 'fixtures', 'targets')
const descriptions = (await readdir(folder)).filter((name) => name.endsWith('.yaml'))

test.each(descriptions)('the description %s, which comes with the package, can be loaded', async (name) => {
  const target = await loadTarget(join(folder, name))
  expect(target.isBare).toBe(false)
})
