import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { packageRoot, requirementsFolder } from '../../runner/cli/paths.ts'
import { loadTarget } from '../../runner/index.ts'
import { loadRegister } from '../../runner/spec/register.ts'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...(await readdir(join(packageRoot, 'docs'))).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'))

const known = new Set((await loadRegister(requirementsFolder)).ids)
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

  test('shows target descriptions that can be loaded', async () => {
    const shown = blocks(await textOf(page), 'yaml').filter((block) => /^target:/m.test(block))
    const problems = []
    for (const description of shown) problems.push(await problemsOf(description))
    expect(problems.filter((problem) => problem !== '')).toEqual([])
  })
})
