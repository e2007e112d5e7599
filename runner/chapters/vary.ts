import { didYouMean } from '../documents/did-you-mean.ts'
import { isMapping, isText, listOrEmpty } from '../documents/type-guards.ts'
import type { DocumentPath } from '../documents/yaml-document.ts'
import { utf8SampleClasses, utf8Samples } from './utf-8-samples.ts'

/** One combination of values for the parameters. */
export interface Variant {
  /** `write=whole, size=3`, or the name of the row; empty without `vary`. */
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  /** Ids of other test suites that this combination covers, too. */
  readonly also: readonly string[]
}

/** A mistake in `vary`. The path is relative to it. */
export interface VaryProblem {
  readonly path: DocumentPath
  readonly text: string
}

export interface Variants {
  readonly variants: readonly Variant[]
  readonly problems: readonly VaryProblem[]
}

/** One combination, with the path for its problems. */
interface Row {
  readonly path: DocumentPath
  readonly name: string | undefined
  readonly params: Readonly<Record<string, unknown>>
  readonly also: readonly string[]
}

const mostInstances = 5000
const parameterName = /^[A-Za-z][\w-]*$/
/** Largest length of a value in the name of an instance. */
const mostShown = 80

/**
 * The variants of a case: every combination for a mapping of lists, or each row of a list. Without `vary` there is
 * one variant without a name.
 */
export function expandVary(vary: unknown): Variants {
  if (vary === undefined) return { variants: [{ name: '', params: {}, also: [] }], problems: [] }
  const problems = [...invalidNames(vary), ...unknownClasses(vary)]
  if (problems.length > 0) return { variants: [], problems }
  const count = countOf(vary)
  if (count > mostInstances) {
    return {
      variants: [],
      problems: [{ path: [], text: `${count} instances are more than the limit of ${mostInstances}` }],
    }
  }
  return withNames(isMapping(vary) ? combinations(vary) : rowsOf(vary))
}

function invalidNames(vary: unknown): VaryProblem[] {
  const rows: [DocumentPath, unknown][] = isMapping(vary)
    ? [[[], vary]]
    : listOrEmpty(vary).map((row, index) => [[index], row])
  return rows.flatMap(([path, row]) =>
    Object.keys(isMapping(row) ? row : {})
      .filter((name) => !parameterName.test(name))
      .map((name) => ({
        path: [...path, name],
        text: `${JSON.stringify(name)} cannot name a parameter: use letters, digits, - and _`,
      })),
  )
}

function unknownClasses(vary: unknown): VaryProblem[] {
  return (Array.isArray(vary) ? vary : []).flatMap((row: unknown, index) => {
    const name = isMapping(row) ? row['utf-8'] : undefined
    if (name === undefined || (isText(name) && utf8SampleClasses.includes(name))) return []
    const text = `unknown class of UTF-8 sequences ${JSON.stringify(name)}${didYouMean(isText(name) ? name : '', utf8SampleClasses)}`
    return [{ path: [index, 'utf-8'], text }]
  })
}

function countOf(vary: unknown): number {
  if (!isMapping(vary)) return listOrEmpty(vary).length
  return Object.values(vary).reduce((product: number, values) => product * listOrEmpty(values).length, 1)
}

function combinations(vary: Readonly<Record<string, unknown>>): Row[] {
  let rows: Row[] = [{ path: [], name: undefined, params: {}, also: [] }]
  for (const [name, values] of Object.entries(vary)) {
    rows = rows.flatMap(({ params }) =>
      listOrEmpty(values).map((value) => ({
        path: [name],
        name: undefined,
        params: { ...params, [name]: value },
        also: [],
      })),
    )
  }
  return rows
}

function rowsOf(vary: unknown): Row[] {
  return listOrEmpty(vary).flatMap((row, index) => {
    const { name, also, ...params } = isMapping(row) ? row : {}
    const one = {
      path: [index],
      name: isText(name) ? name : undefined,
      params,
      also: [also].flat().filter(isText),
    }
    return 'utf-8' in params ? sampleRows(one) : [one]
  })
}

/** Expands `{ utf-8: class }` to one row for each sequence, with the parameter `bytes` and a numbered `also`. */
function sampleRows({ path, params, also }: Row): Row[] {
  const { 'utf-8': name, valid, ...others } = params
  return utf8Samples(String(name), typeof valid === 'boolean' ? valid : undefined).map(
    ({ number, bytes }) => {
      const digits = Buffer.from(bytes).toString('hex')
      return {
        path,
        name: `${String(name)}: ${digits}`,
        params: { ...others, bytes: `hex:${digits}` },
        also: also.map((group) => `${group}.${number}`),
      }
    },
  )
}

function withNames(rows: readonly Row[]): Variants {
  const variants = new Map<string, Variant>()
  const problems: VaryProblem[] = []
  for (const { path, params, also, name = nameOf(params) } of rows) {
    const duplicate = `two instances are called ${JSON.stringify(name)}: give the rows a name`
    if (variants.has(name)) problems.push({ path, text: duplicate })
    variants.set(name, { name, params, also })
  }
  return { variants: [...variants.values()], problems }
}

const nameOf = (params: Readonly<Record<string, unknown>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(', ')

/** Text unchanged, unless control characters, quotes or a comma would make the name ambiguous; otherwise JSON. */
function shown(value: unknown): string {
  const isUnambiguous = isText(value) && !/[\p{Cc}\p{Cf}\u2028\u2029,"]/u.test(value)
  const text = isUnambiguous ? value : JSON.stringify(value)
  return text.length <= mostShown ? text : `${text.slice(0, mostShown)}…`
}
