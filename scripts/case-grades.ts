import type { Case, Step } from '../runner/index.ts'
import { isMapping } from '../runner/documents/type-guards.ts'
import { verbs } from '../runner/steps/index.ts'

/** The description of an argument that decides on fail or warn has one of these words. */
const aboutGrades = /\b(verdict|warning|deviation|failure|also met|accepted too|tolerated)\b/i

/** The arguments of each verb that decide whether a step that is not met fails or warns. */
const gradeKeys: ReadonlyMap<string, readonly string[]> = new Map(
  verbs.map(({ name, schema }) => [name, keysAboutGrades(schema)]),
)

function keysAboutGrades(schema: object): string[] {
  const properties = isMapping(schema) ? schema['properties'] : undefined
  if (!isMapping(properties)) return []
  return Object.entries(properties)
    .filter(([, one]) => isMapping(one) && aboutGrades.test(String(one['description'])))
    .map(([key]) => key)
}

/** `  step 3 failed: {"wrong-code":"fail"}`; nothing if the step has no such argument. */
function gradeLine({ verb, args, given, index }: Step): string[] {
  if (!isMapping(args)) return []
  const found = (gradeKeys.get(verb) ?? []).filter((key) => Object.hasOwn(args, key))
  if (found.length === 0) return []
  const grades = Object.fromEntries(found.map((key) => [key, args[key]]))
  return [`  step ${index + 1} ${given ? 'given ' : ''}${verb}: ${JSON.stringify(grades)}`]
}

/** What decides on the verdict of each case: a line with id, level, basis, requirements and title, then its graded steps. */
export const gradesOf = (cases: readonly Case[]): string[] =>
  cases
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, level, basis, proves, title, instances }) => [
      `${id} | ${level} | ${basis} | ${proves.map((one) => one.id).join(', ')} | ${title}`,
      ...new Set(instances.flatMap(({ steps }) => steps.flatMap(gradeLine))),
    ])
