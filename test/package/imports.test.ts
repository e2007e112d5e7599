import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { packageRoot } from '../../runner/package/paths.ts'

/** Imports that go the wrong way, one in a file. */
const planted = {
  'runner/wire/planted.ts': '../spec/plain.ts',
  'runner/spec/planted.ts': '../wire/bytes.ts',
  'runner/target/planted.ts': '../steps/verb.ts',
  'runner/steps/planted.ts': '../run/result.ts',
  'runner/run/planted.ts': '../report/reporter.ts',
  'runner/report/planted.ts': '../cli/io.ts',
  'runner/prove/planted.ts': '../report/reporter.ts',
  'reference-server/planted.ts': '../runner/wire/bytes/bytes.ts',
  'fixtures/faults/planted.ts': '../../runner/steps/stage/play.ts',
  'fixtures/faults/planted-server.ts': '../../reference-server/updates/store.ts',
} as const

/** Imports that go the right way. */
const allowed = {
  'runner/steps/fine.ts': '../wire/bytes.ts',
  'runner/report/fine.ts': '../run/result.ts',
  'runner/cli/fine.ts': '../report/reporter.ts',
  'fixtures/faults/fine.ts': '../../runner/wire/bytes/bytes.ts',
  'fixtures/faults/fine-options.ts': '../../reference-server/updates/options.ts',
} as const

let folder = ''
let complaints: readonly string[] = []

/** The files that the check of this repository complains about in that folder. */
async function complainedAbout(cwd: string): Promise<string[]> {
  const lint = join(packageRoot, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const config = join(packageRoot, '.oxlintrc.json')
  await copyFile(config, join(cwd, '.oxlintrc.json'))
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [lint, '--format=unix', '.'], { cwd }, (_error, stdout) => resolve(stdout))
  })
  const lines = output.split('\n').filter((line) => line.includes('no-restricted-imports'))
  return lines.map((line) => line.slice(0, line.indexOf(':')))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pushspec-imports-'))
  for (const [file, specifier] of Object.entries({ ...planted, ...allowed })) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), `export { something } from '${specifier}'\n`)
  }
  complaints = await complainedAbout(folder)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('imports run one way', () => {
  test.each(Object.entries(planted))('%s may not import %s', (file) => {
    expect(complaints).toContain(file)
  })

  test.each(Object.entries(allowed))('%s may import %s', (file) => {
    expect(complaints).not.toContain(file)
  })
})
