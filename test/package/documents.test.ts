import { execFile } from 'node:child_process'
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { packageRoot, requirementsFolder } from '../../runner/package/paths.ts'
import { loadTarget } from '../../runner/index.ts'
import { Baseline } from '../../runner/report/baseline.ts'
import { parseAllDocuments } from 'yaml'
import { Console } from '../cli/console.ts'
import { loadRegister } from '../../runner/chapters/register/register.ts'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...(await readdir(join(packageRoot, 'docs'))).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'))

const ownRequirements = join(packageRoot, 'examples', 'own-protocol', 'specs', 'requirements')
const known = new Set((await loadRegister(requirementsFolder, ownRequirements)).ids)
const textOf = (page: string): Promise<string> => readFile(join(packageRoot, page), 'utf8')

/** What stands between fences of this language. */
const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, its]) => its === language)
    .map(([, , block = '']) => block)

/** Loads a description as if it stood in a file. */
async function problemsOf(description: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pushspec-page-'))
  const file = join(folder, 'target.yaml')
  await writeFile(file, description)
  try {
    await loadTarget(file, { env: { TOKEN: 'token' } })
    return ''
  } catch (error) {
    return String(error)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.each(pages)('%s', (page) => {
  test('links to files that are there', async () => {
    const links = [...(await textOf(page)).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link)
    const missing = []
    for (const link of links) {
      const path = normalize(join(packageRoot, dirname(page), link))
      if (
        !(await access(path).then(
          () => true,
          () => false,
        ))
      )
        missing.push(link)
    }
    expect(missing).toEqual([])
  })

  test('names requirements that are in the register', async () => {
    const text = await textOf(page)
    const lists = [...text.matchAll(/proves: \[([^\]]*)\]/g)].flatMap(([, ids = '']) => ids.split(/, */))
    const allowed = [...text.matchAll(/allow: \{ ([a-z0-9-]+):/g)].map(([, id = '']) => id)
    expect([...lists, ...allowed].filter((id) => !known.has(id))).toEqual([])
  })

  test('shows YAML that is YAML', async () => {
    const problems = blocks(await textOf(page), 'yaml').flatMap((block) =>
      [...parseAllDocuments(block)].flatMap(({ errors }) =>
        errors.map(({ message }) => `${message} in ${block}`),
      ),
    )
    expect(problems).toEqual([])
  })

  test('shows target descriptions that can be loaded', async () => {
    const shown = blocks(await textOf(page), 'yaml').filter((block) => /^target:/m.test(block))
    const problems = []
    for (const description of shown) problems.push(await problemsOf(description))
    expect(problems.filter((problem) => problem !== '')).toEqual([])
  })
})

describe('docs/architecture.md', () => {
  /** A folder may have this many files; a folder with more says why. */
  const mostFiles = 12
  const sources = ['runner', 'reference-server', 'fixtures', 'specs', 'scripts', 'bench', 'examples']

  /** The files of each folder of the sources, as git knows them. */
  async function filesByFolder(): Promise<Map<string, number>> {
    const { stdout } = await promisify(execFile)('git', ['ls-files', ...sources], { cwd: packageRoot })
    const files = new Map<string, number>()
    for (const file of stdout.trim().split('\n'))
      files.set(dirname(file), (files.get(dirname(file)) ?? 0) + 1)
    return files
  }

  test('says what every folder of the code holds', async () => {
    const page = await textOf('docs/architecture.md')
    const code = [...(await filesByFolder()).keys()].filter((folder) =>
      /^(runner|reference|fixtures)/.test(folder),
    )
    const described = new Set([...page.matchAll(/^\| `([^`]+)\/`/gm)].map(([, folder]) => folder))
    expect(code.filter((folder) => folder !== 'runner' && !described.has(folder))).toEqual([])
    expect(
      [...described].filter((folder) => folder?.startsWith('runner/') && !code.includes(folder)),
    ).toEqual([])
  })

  test('names every folder with more than a dozen files', async () => {
    const page = await textOf('docs/architecture.md')
    const [reasons = ''] = /^A folder has at most a dozen files\..*?\n\n/ms.exec(page) ?? []
    const named = [...reasons.matchAll(/`([^`]+)\/`/g)].map(([, folder]) => folder)
    const large = [...(await filesByFolder())].filter(([, count]) => count > mostFiles)
    expect(new Set(large.map(([folder]) => folder))).toEqual(new Set(named))
  })
})

/** Every option that some command has. */
async function knownOptions(): Promise<Set<string>> {
  const console = new Console()
  for (const command of ['run', 'merge', 'diff', 'matrix', 'init', 'list', 'explain', 'prove', 'serve'])
    await console.run(command, '--help')
  return new Set(console.stdout.text.match(/--[a-z][a-z-]*/g))
}

/** Of npm and node, which stand in the same blocks. */
const foreign = new Set(['--save-dev', '--experimental-vm-modules', '--test'])

test.each(['README.md', 'docs/ci.md', 'docs/own-chapters.md', 'docs/targets.md'])(
  '%s names no option that no command has',
  async (page) => {
    const text = await textOf(page)
    const code = ['sh', 'yaml'].flatMap((language) => blocks(text, language)).join('\n')
    const options = await knownOptions()
    const named = code.match(/(?<=\s)--[a-z][a-z-]*/g) ?? []
    expect(named.filter((option) => !options.has(option) && !foreign.has(option))).toEqual([])
  },
)

test.each(['requirements', 'websocket'])(
  'docs/own-chapters.md shows what the example has in %s',
  async (place) => {
    const example = await textOf(`examples/own-protocol/specs/${place}/greeting.yaml`)
    const shown = blocks(await textOf('docs/own-chapters.md'), 'yaml').filter((block) =>
      example.includes(block.trim()),
    )
    expect(shown).toHaveLength(1)
  },
)

test('docs/ci.md shows a baseline that can be read', async () => {
  const [block = ''] = blocks(await textOf('docs/ci.md'), 'yaml')
  const folder = await mkdtemp(join(tmpdir(), 'pushspec-page-'))
  await writeFile(join(folder, 'known.yaml'), block)
  try {
    await expect(Baseline.read(join(folder, 'known.yaml'))).resolves.toBeDefined()
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('action.yml hands over only options that run has', async () => {
  const options = await knownOptions()
  const named = (await textOf('action.yml')).match(/(?<=[( ])--[a-z]+(?= ["\w])/g) ?? []
  expect(named.length).toBeGreaterThan(4)
  expect(named.filter((option) => option !== '--yes' && !options.has(option))).toEqual([])
})
