import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Type } from '@sinclair/typebox'
import { type Fault, techniques } from '../../../fixtures/proxy/variant.ts'
import { InputError } from '../../documents/problems.ts'
import { valueProblems } from '../../documents/schema-check.ts'
import { listOrEmpty } from '../../documents/type-guards.ts'

const Form = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' }),
  about: Type.String({ minLength: 1 }),
  breaks: Type.Array(Type.String(), { minItems: 1 }),
  touches: Type.Array(Type.Union(techniques.map((name) => Type.Literal(name)))),
})

/**
 * The faults in the folders `faults/` of these folders of chapters: each module there exports a list of them as default.
 * @throws InputError for a module that cannot be loaded or exports something else.
 */
export async function loadOwnFaults(specs: readonly string[], cwd: string): Promise<Fault[]> {
  const folders = specs.map((folder) => join(resolve(cwd, folder), 'faults')).filter((one) => existsSync(one))
  const names = await Promise.all(
    folders.map(async (folder) => (await readdir(folder)).toSorted().map((name) => join(folder, name))),
  )
  const modules = names.flat().filter((name) => /\.m?js$/.test(name))
  return (await Promise.all(modules.map(faultsIn))).flat()
}

async function faultsIn(file: string): Promise<Fault[]> {
  const wrong = (text: string): InputError => new InputError([{ place: { file, line: 1, column: 1 }, text }])
  let faults: unknown
  try {
    ;({ default: faults } = (await import(pathToFileURL(file).href)) as { default?: unknown })
  } catch (error) {
    throw wrong(`the module cannot be loaded: ${String(error)}`)
  }
  if (!Array.isArray(faults) || faults.length === 0)
    throw wrong('the module must export a list of faults as default: export default [{ id, about, … }]')
  const problems = listOrEmpty(faults).flatMap((fault, index) =>
    problemsOf(fault).map((text) => `fault ${index + 1}: ${text}`),
  )
  if (problems.length > 0) throw wrong(problems.join('; '))
  return faults as Fault[]
}

function problemsOf(fault: unknown): string[] {
  const problems = valueProblems(Form, fault)
  const { connection } = (fault ?? {}) as Partial<Fault>
  return typeof connection === 'function'
    ? problems
    : [...problems, '"connection" must be a function that returns what is changed on one connection']
}
