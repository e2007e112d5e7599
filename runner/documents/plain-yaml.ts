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

/** Something that is YAML but not the plain data that the files of this project hold. */
export interface Finding {
  /** In UTF-16 code units from the start of the file. */
  readonly offset: number
  readonly text: string
}

const mostAliases = 1000
const mostValues = 1_000_000
const mostLevels = 64

/** The ancestors of a node, as `visit` gives them. */
type Ancestors = readonly unknown[]

/** What makes a document more than plain data, or more than a reader should expand. */
export function audit(document: Document.Parsed): Finding[] {
  const auditor = new Auditor()
  const version = document.directives.yaml
  if (version.explicit === true && version.version !== '1.2') auditor.note(0, 'only YAML 1.2 is read')
  visit(document, {
    Pair: (_key, pair) => auditor.pair(pair),
    Alias: (_key, alias, ancestors) => auditor.alias(alias, ancestors),
    Scalar: (_key, scalar) => auditor.scalar(scalar),
    Collection: (_key, node) => auditor.collection(node),
  })
  return auditor.findings
}

/**
 * The first place that is nested too deeply, if there is one. It is asked before the document is built, since
 * building recurses, and a stack that runs out inside a regular expression ends the process.
 */
export function tooDeep(tokens: readonly CST.Token[]): Finding | undefined {
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

class Auditor {
  readonly findings: Finding[] = []
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
    else if (key.value === '<<') this.note(offset, 'merge keys are not read: write the keys out')
    else if (key.value === '__proto__') this.note(offset, 'the key "__proto__" is not allowed')
  }

  alias(alias: Alias, ancestors: Ancestors): symbol | undefined {
    const target = this.#anchors.get(alias.source)
    if (target === undefined)
      this.note(startOf(alias), `no anchor "&${alias.source}" stands before this alias`)
    else if (ancestors.includes(target))
      this.note(startOf(alias), `the alias "*${alias.source}" contains itself`)
    else return this.#expand(alias, target)
    return undefined
  }

  scalar(scalar: Scalar): void {
    this.#anchor(scalar)
    const { value } = scalar
    if (typeof value !== 'number') return
    if (!Number.isFinite(value)) this.note(startOf(scalar), 'infinity and not-a-number cannot be used')
    else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      this.note(startOf(scalar), 'this number is too large to be exact: put it in quotes')
    }
  }

  collection(node: Node): void {
    this.#anchor(node)
    if (isMap(node)) this.#keys(node)
  }

  /** Each alias multiplies what it stands for; a chain of them is how a small file becomes a huge value. */
  #expand(alias: Alias, target: Node): symbol | undefined {
    this.#targets.set(alias, target)
    if (this.#targets.size <= mostAliases && this.#size(target) <= mostValues) return undefined
    this.note(startOf(alias), 'the aliases of this file expand to too much')
    return visit.BREAK
  }

  /** How many values a node holds once its aliases are expanded. */
  #size(node: unknown): number {
    if (isAlias(node)) return this.#size(this.#targets.get(node))
    if (!isNode(node)) return 1
    const known = this.#sizes.get(node)
    if (known !== undefined) return known
    const size = 1 + partsOf(node).reduce((sum: number, part) => sum + this.#size(part), 0)
    this.#sizes.set(node, size)
    return size
  }

  /** The library compares every key with every other, which takes minutes for a big mapping. */
  #keys({ items }: YAMLMap): void {
    const seen = new Set<unknown>()
    for (const { key } of items) {
      const name = isScalar(key) ? key.value : key
      if (seen.has(name))
        this.note(startOf(key), `the key ${JSON.stringify(name)} stands twice in this mapping`)
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
