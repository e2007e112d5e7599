import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { packageRoot } from '../../runner/package/paths.ts'

type Import = readonly [importer: string, imported: string]

/** Imports against the order, at least one for each room and each folder of a room. */
const forbidden: readonly Import[] = [
  ['reference-server/routes.ts', 'runner/wire/headers.ts'],
  ['reference-server/http/requests.ts', 'reference-server/updates/store.ts'],
  ['reference-server/updates/store.ts', 'reference-server/websocket/endpoints.ts'],
  ['reference-server/websocket/endpoints.ts', 'reference-server/routes.ts'],
  ['fixtures/faults/index.ts', 'runner/steps/index.ts'],
  ['fixtures/proxy/variant.ts', 'runner/targets/target.ts'],
  ['fixtures/proxy/proxy.ts', 'reference-server/index.ts'],
  ['fixtures/proxy/edits.ts', 'fixtures/faults/http/http.ts'],
  ['fixtures/faults/http/http.ts', 'fixtures/faults/websocket/edits.ts'],
  ['fixtures/faults/websocket/edits.ts', 'fixtures/faults/compression/edits.ts'],
  ['fixtures/faults/compression/marks.ts', 'fixtures/faults/collateral.ts'],
  ['runner/text/escape.ts', 'runner/documents/plain.ts'],
  ['runner/package/paths.ts', 'runner/text/escape.ts'],
  ['runner/documents/check.ts', 'runner/text/escape.ts'],
  ['runner/wire/headers.ts', 'runner/documents/plain.ts'],
  ['runner/wire/bytes/bytes.ts', 'runner/wire/headers.ts'],
  ['runner/wire/headers.ts', 'runner/wire/http1/head.ts'],
  ['runner/wire/http1/head.ts', 'runner/wire/websocket/frame-parser.ts'],
  ['runner/wire/websocket/peer.ts', 'runner/wire/event-stream/parser.ts'],
  ['runner/chapters/load.ts', 'runner/wire/headers.ts'],
  ['runner/chapters/register/register.ts', 'runner/chapters/chapter.ts'],
  ['runner/targets/target.ts', 'runner/chapters/chapter.ts'],
  ['runner/targets/errors/unreachable.ts', 'runner/targets/description/schema.ts'],
  ['runner/targets/description/needs.ts', 'runner/targets/target.ts'],
  ['runner/targets/target.ts', 'runner/targets/process/start-server.ts'],
  ['runner/targets/process/start-server.ts', 'runner/targets/hooks/publish.ts'],
  ['runner/targets/hooks/publish.ts', 'runner/targets/survey/survey.ts'],
  ['runner/steps/index.ts', 'runner/run/result.ts'],
  ['runner/steps/stage/play.ts', 'runner/steps/language/verb.ts'],
  ['runner/steps/language/request.ts', 'runner/steps/http/request.ts'],
  ['runner/steps/event-stream/response.ts', 'runner/steps/http/cross-origin.ts'],
  ['runner/steps/websocket/handshake.ts', 'runner/steps/delivery/contract.ts'],
  ['runner/steps/delivery/receivers/receiver.ts', 'runner/steps/delivery/contract.ts'],
  ['runner/steps/delivery/contract.ts', 'runner/steps/index.ts'],
  ['runner/run/run.ts', 'runner/report/reporter.ts'],
  ['runner/run/schedule/schedule.ts', 'runner/run/run.ts'],
  ['runner/run/selection/select.ts', 'runner/run/schedule/schedule.ts'],
  ['runner/report/reporter.ts', 'runner/targets/target.ts'],
  ['runner/report/read.ts', 'runner/report/reporters/open.ts'],
  ['runner/report/parts/chapters.ts', 'runner/report/reproduce/curl.ts'],
  ['runner/report/reproduce/curl.ts', 'runner/report/reporters/html.ts'],
  ['runner/report/reporters/html/style.ts', 'runner/report/reporters/html.ts'],
  ['runner/report/reporters/html.ts', 'runner/report/matrix/html.ts'],
  ['runner/prove/prove.ts', 'runner/report/reporter.ts'],
  ['runner/prove/prove.ts', 'fixtures/faults/index.ts'],
  ['runner/prove/play/matrix.ts', 'runner/prove/play-faults.ts'],
  ['fixtures/freedoms/http/framing.ts', 'fixtures/freedoms/index.ts'],
  ['runner/cli/play/faults.ts', 'runner/cli/prove/proof-workers.ts'],
  ['runner/reach/reach.ts', 'runner/run/run.ts'],
  ['runner/library/cases.ts', 'runner/cli/io.ts'],
  ['runner/library/cases.ts', 'runner/index.ts'],
  ['runner/index.ts', 'runner/cli/io.ts'],
  ['runner/jest.ts', 'runner/cli/io.ts'],
  ['runner/cli/io.ts', 'runner/cli/watch/watch.ts'],
  ['runner/cli/play/faults.ts', 'runner/cli/watch/watch.ts'],
  ['runner/cli/watch/watch.ts', 'runner/cli/commands/run.ts'],
  ['runner/not-in-the-order/new.ts', 'runner/wire/headers.ts'],
]

/** Imports in the order. */
const allowed: readonly Import[] = [
  ['reference-server/index.ts', 'reference-server/websocket/endpoints.ts'],
  ['reference-server/updates/store.ts', 'reference-server/http/conditional.ts'],
  ['fixtures/proxy/variant.ts', 'reference-server/updates/options.ts'],
  ['fixtures/proxy/proxy.ts', 'runner/wire/http1/head.ts'],
  ['fixtures/faults/compression/negotiation.ts', 'fixtures/faults/websocket/handshake.ts'],
  ['runner/wire/websocket/peer.ts', 'runner/wire/http1/head.ts'],
  ['runner/wire/http1/head.ts', 'runner/wire/http1/fields.ts'],
  ['runner/targets/survey/survey.ts', 'runner/targets/hooks/session.ts'],
  ['runner/steps/delivery/receivers/receiver.ts', 'runner/steps/event-stream/subscribe.ts'],
  ['runner/steps/stage/play.ts', 'runner/targets/hooks/session.ts'],
  ['runner/run/run.ts', 'runner/steps/stage/play.ts'],
  ['runner/report/matrix/html.ts', 'runner/report/reporters/html/style.ts'],
  ['runner/prove/play/variant-player.ts', 'reference-server/index.ts'],
  ['fixtures/freedoms/index.ts', 'fixtures/proxy/variant.ts'],
  ['runner/library/cases.ts', 'runner/report/reporter.ts'],
  ['runner/cli/commands/run.ts', 'runner/cli/watch/watch.ts'],
  ['runner/cli/commands/serve.ts', 'fixtures/faults/index.ts'],
  ['runner/index.ts', 'runner/library/cases.ts'],
  ['runner/jest.ts', 'runner/index.ts'],
  ['runner/main.ts', 'runner/cli/io.ts'],
  ['test/wire/wire.test.ts', 'runner/cli/io.ts'],
]

const lintFiles = ['.oxlintrc.json', 'scripts/import-order.mjs']

/** Writes files into a folder of their own, with the lint rules of this repository, and lints them; gives a line for each complaint. */
async function lint(files: ReadonlyMap<string, string>): Promise<string[]> {
  const cwd = await mkdtemp(join(tmpdir(), 'pushspec-imports-'))
  try {
    for (const [file, text] of files) {
      await mkdir(dirname(join(cwd, file)), { recursive: true })
      await writeFile(join(cwd, file), text)
    }
    await mkdir(join(cwd, 'scripts'), { recursive: true })
    for (const file of lintFiles) await copyFile(join(packageRoot, file), join(cwd, file))
    const oxlint = join(packageRoot, 'node_modules', 'oxlint', 'bin', 'oxlint')
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [oxlint, '--format=unix', '.'], { cwd }, (_error, stdout) => resolve(stdout))
    })
    return output.split('\n')
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

const specifier = ([importer, imported]: Import): string => {
  const path = relative(dirname(importer), imported)
  return path.startsWith('.') ? path : `./${path}`
}

/** Files with the imports in them, one on each line. */
function importing(imports: readonly Import[], keyword = 'export'): Map<string, string> {
  const files = new Map<string, string>()
  for (const one of imports)
    files.set(one[0], `${files.get(one[0]) ?? ''}${keyword} { name } from '${specifier(one)}'\n`)
  return files
}

describe('imports run one way', () => {
  let complaints: readonly string[] = []
  beforeAll(async () => {
    const lines = await lint(importing([...forbidden, ...allowed]))
    complaints = lines.filter((line) => line.includes('import-order'))
  })
  const isComplainedAbout = ([importer, imported]: Import): boolean =>
    complaints.some((line) => line.startsWith(`${importer}:`) && line.includes(` import ${imported}:`))

  test.each(forbidden)('%s may not import %s', (...one) => {
    expect(isComplainedAbout(one)).toBe(true)
  })

  test.each(allowed)('%s may import %s', (...one) => {
    expect(isComplainedAbout(one)).toBe(false)
  })
})

test.each([
  ['values', 'export'],
  ['types', 'export type'],
])('files may not import %s from each other in a circle', async (_what, keyword) => {
  const circle: readonly Import[] = [
    ['runner/text/first.ts', 'runner/text/second.ts'],
    ['runner/text/second.ts', 'runner/text/third.ts'],
    ['runner/text/third.ts', 'runner/text/first.ts'],
  ]
  const complaints = (await lint(importing(circle, keyword))).filter((line) => line.includes('no-cycle'))
  expect(complaints.map((line) => line.slice(0, line.indexOf(':'))).toSorted()).toEqual(
    circle.map(([importer]) => importer),
  )
})
