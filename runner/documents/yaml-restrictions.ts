import {
  type Alias,
  type CST,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  isAlias,
  isMap,
  isNode,
  isScalar,
  visit,
} from 'yaml'

/** A use of YAML beyond plain data. */
export interface YamlFinding {
  /** In UTF-16 code units from the start of the file. */
  readonly offset: number
  readonly text: string
}

const mostAliases = 1000
const mostValues = 1_000_000
const mostLevels = 64

/** The ancestors of a node, from `visit`. */
type Ancestors = readonly unknown[]

/** Finds everything in a document that is not plain data, or that expands to too many values. */
export function findUnsupportedYaml(document: Document.Parsed): YamlFinding[] {
  const checker = new YamlChecker()
  const version = document.directives.yaml
  if (version.explicit === true && version.version !== '1.2') checker.note(0, 'only YAML 1.2 is supported')
  visit(document, {
    Pair: (_key, pair) => checker.pair(pair),
    Alias: (_key, alias, ancestors) => checker.alias(alias, ancestors),
    Scalar: (_key, scalar) => checker.scalar(scalar),
    Collection: (_key, node) => checker.collection(node),
  })
  return checker.findings
}

/**
 * The first place that is nested too deeply, if there is one. Call it before the document is built: building recurses,
 * and a stack overflow inside a regular expression ends the process.
 */
export function findExcessiveNesting(tokens: readonly CST.Token[]): YamlFinding | undefined {
  const open: [CST.Token, number][] = tokens.map((token) => [token, 0])
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, level] = next
    if (level > mostLevels) {
      return {
        offset: token.offset,
        text: `lists and mappings are nested more than ${mostLevels} levels deep`,
      }
    }
    for (const part of tokensIn(token)) open.push([part, token.type === 'document' ? level : level + 1])
  }
  return undefined
}

function tokensIn(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items
    .flatMap(({ key, value }) => [key, value])
    .filter((part) => part !== undefined && part !== null)
}

class YamlChecker {
  readonly findings: YamlFinding[] = []
  readonly #anchors = new Map<string, Node>()
  readonly #targets = new Map<Alias, Node>()
  readonly #sizes = new Map<Node, number>()

  note(offset: number, text: string): void {
    this.findings.push({ offset, text })
  }

  pair({ key }: Pair): void {
    const offset = startOf(key)
    if (!isScalar(key) || typeof key.value !== 'string')
      this.note(offset, 'a key must be text: put it in quotes')
    else if (key.value === '<<') this.note(offset, 'merge keys are not supported: write the keys out')
    else if (key.value === '__proto__') this.note(offset, 'the key "__proto__" is not allowed')
  }

  alias(alias: Alias, ancestors: Ancestors): symbol | undefined {
    const target = this.#anchors.get(alias.source)
    if (target === undefined)
      this.note(startOf(alias), `there is no anchor "&${alias.source}" before this alias`)
    else if (ancestors.includes(target))
      this.note(startOf(alias), `the alias "*${alias.source}" contains itself`)
    else return this.#expand(alias, target)
    return undefined
  }

  scalar(scalar: Scalar): void {
    this.#anchor(scalar)
    const { value } = scalar
    if (typeof value !== 'number') return
    if (!Number.isFinite(value)) this.note(startOf(scalar), 'infinity and not-a-number are not supported')
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.note(startOf(scalar), 'this number is too large to be exact: put it in quotes')
    }
  }

  collection(node: Node): void {
    this.#anchor(node)
    if (isMap(node)) this.#checkUniqueKeys(node)
  }

  /** Chained aliases can expand a small file to a huge value. */
  #expand(alias: Alias, target: Node): symbol | undefined {
    this.#targets.set(alias, target)
    if (this.#targets.size <= mostAliases && this.#size(target) <= mostValues) return undefined
    this.note(startOf(alias), 'the aliases of this file expand to too many values')
    return visit.BREAK
  }

  /** Number of values in a node after its aliases are expanded. */
  #size(node: unknown): number {
    if (isAlias(node)) return this.#size(this.#targets.get(node))
    if (!isNode(node)) return 1
    const known = this.#sizes.get(node)
    if (known !== undefined) return known
    const size = 1 + partsOf(node).reduce((sum: number, part) => sum + this.#size(part), 0)
    this.#sizes.set(node, size)
    return size
  }

  /** Replaces the check of the YAML library, which compares all pairs of keys and takes minutes for a large mapping. */
  #checkUniqueKeys({ items }: YAMLMap): void {
    const seen = new Set<unknown>()
    for (const { key } of items) {
      const name = isScalar(key) ? key.value : key
      if (seen.has(name))
        this.note(startOf(key), `the key ${JSON.stringify(name)} appears twice in this mapping`)
      seen.add(name)
    }
  }

  #anchor(node: Node): void {
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node)
  }
}

function partsOf(node: Node): unknown[] {
  if (!('items' in node) || !Array.isArray(node.items)) return []
  return node.items.map((item: unknown) => (isPairLike(item) ? item.value : item))
}

const isPairLike = (item: unknown): item is Pair => typeof item === 'object' && item !== null && !isNode(item)

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
