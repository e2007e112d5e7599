import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Type } from '@sinclair/typebox'
import { afterAll } from '@jest/globals'
import type { Case, Chapter, VerbShape } from '../../runner/chapters/chapter.ts'
import { loadChapters } from '../../runner/chapters/load.ts'
import { Register } from '../../runner/chapters/register/register.ts'
import type { RegisterEntry } from '../../runner/chapters/register/requirement.ts'
import { InputError } from '../../runner/documents/problems.ts'

const closed = { additionalProperties: false } as const
const made: string[] = []

afterAll(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A folder with these files, removed after the tests of the file. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pushspec-spec-'))
  made.push(folder)
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

export const verbs: readonly VerbShape[] = [
  {
    name: 'poll',
    expects: false,
    schema: Type.Object(
      { as: Type.Optional(Type.String()), times: Type.Optional(Type.Integer({ minimum: 1 })) },
      closed,
    ),
  },
  { name: 'send', expects: false, schema: Type.Object({ payload: Type.Unknown() }, closed) },
  { name: 'held', expects: true, schema: Type.Object({ request: Type.String() }, closed) },
  {
    name: 'capture',
    expects: false,
    schema: Type.Object({ as: Type.String() }, closed),
    captures: (args) => (typeof args === 'object' && args !== null && 'as' in args ? [String(args.as)] : []),
  },
]

export const requirement = (id: string, level: string, dialect?: string): RegisterEntry => ({
  id,
  protocol: 'long-polling',
  source: 'RFC 0000',
  section: '1',
  level,
  text: 'A rule.',
  url: '',
  testable: 'yes',
  sketch: 'Look.',
  reason: undefined,
  dialect,
})

export const register = new Register([
  requirement('lp-must', 'MUST'),
  requirement('lp-rule', 'RULE'),
  requirement('lp-should', 'SHOULD'),
  requirement('lp-may', 'MAY'),
  requirement('lp-issue', 'ISSUE'),
  requirement('lp-expected', 'EXPECTED'),
  requirement('lp-dialect', 'MUST', 'nchan'),
])

const vocabulary = { verbs, register, needs: ['long-polling', 'publish'] }

export const load = (...folders: string[]): Promise<Chapter[]> => loadChapters(folders, vocabulary)

/** The problems of some folders as `file:line:col: text`, the file without the folder. */
export async function problemsOf(...folders: string[]): Promise<string[]> {
  const error = await load(...folders).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof InputError)) throw new Error('an InputError was wanted', { cause: error })
  return error.problems.map(({ place: { file, line, column }, text }) => {
    const within = folders.reduce((path, folder) => path.replace(`${folder}/`, ''), file)
    return `${within}:${line}:${column}: ${text}`
  })
}

const head = `chapter: Holding
protocol: long-polling
about: Why.
cases:
`

/** The problems of one chapter whose first case starts at line 5, as `line:col: text`. */
export async function problemsIn(cases: string): Promise<string[]> {
  const folder = await folderWith({ 'long-polling/holding.yaml': head + cases })
  return (await problemsOf(folder)).map((line) => line.replace('long-polling/holding.yaml:', ''))
}

/** The cases of one chapter. */
export async function casesIn(cases: string): Promise<readonly Case[]> {
  const [chapter] = await load(await folderWith({ 'long-polling/holding.yaml': head + cases }))
  if (chapter === undefined) throw new Error('no chapter')
  return chapter.cases
}
