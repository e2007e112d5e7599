/** The subset of JSON Schema that the schemas of the kit use. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly description?: string
  readonly default?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[] | undefined
  readonly minimum?: number
  readonly maximum?: number
}

/** The type of a value in a few words: `a duration`, `"fin" or "rst"`, `{ header }`. */
function typeInWords(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf !== undefined) return alternatives(schema.anyOf)
  if (schema.description?.startsWith('A duration') === true) return 'a duration'
  if (schema.type === 'array') return listOf(schema.items)
  if (schema.patternProperties !== undefined) return mapOf(Object.values(schema.patternProperties)[0])
  if (schema.properties !== undefined) return membersOf(schema)
  return scalars[schema.type ?? ''] ?? (schema.type === 'integer' ? numberIn(schema) : 'any value')
}

const scalars: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  null: 'null',
}

function numberIn({ minimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `a number from ${minimum} to ${maximum}`
  return minimum === undefined ? 'a number' : `a number from ${minimum} on`
}

function alternatives(members: readonly Schema[]): string {
  const words = [...new Set(members.map(typeInWords))]
  const last = words.pop() ?? ''
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`
}

const bracketed = (text: string): string =>
  / or |, /.test(text) && !text.startsWith('{') ? `(${text})` : text

const listOf = (items: Schema | undefined): string =>
  items === undefined || Object.keys(items).length === 0
    ? 'a list'
    : `a list of ${bracketed(typeInWords(items))}`

const mapOf = (values: Schema | undefined): string =>
  values === undefined ? 'names with values' : `names, each with ${bracketed(typeInWords(values))}`

function membersOf({ properties = {}, required = [] }: Schema): string {
  const names = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`))
  return names.length === 0 ? '{ }' : `{ ${names.join(', ')} }`
}

/** The keys of an object as a Markdown list; nested objects become nested lists. */
export function keysAsList({ properties = {}, required = [] }: Schema, depth = 0): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const optional = required.includes(name) ? ', required' : ''
      const fallback = schema.default === undefined ? '' : `; default ${JSON.stringify(schema.default)}`
      const own = `${'  '.repeat(depth)}- \`${name}\`${optional}: ${sentence(schema)}${fallback}`
      const inner = schema.type === 'object' && schema.properties !== undefined && depth < 3
      return inner ? `${own}\n${keysAsList(schema, depth + 1)}` : own
    })
    .join('\n')
}

/** Type and description of a value. */
function sentence(schema: Schema): string {
  const words = typeInWords(schema)
  const about = schema.description
  if (about === undefined || about.startsWith('A duration')) return words
  return `${words}. ${about}`
}
