import { readFile, writeFile } from 'node:fs/promises'
import { type Static, Type } from '@sinclair/typebox'
import { parseDocument } from 'yaml'
import type { Result } from '../run/result.ts'
import { schemaProblems } from '../documents/schema-check.ts'
import { YamlDocument } from '../documents/yaml-document.ts'
import { InputError } from '../documents/problems.ts'
import { instanceName } from './result-text.ts'

const closed = { additionalProperties: false } as const

/** A file of known failures. It may only shrink: an entry that a run no longer needs is an error. */
export const BaselineFile = Type.Object(
  {
    known: Type.Array(
      Type.Object(
        {
          case: Type.String({
            minLength: 1,
            description: 'An address of a case or its beginning, up to a slash or an instance',
          }),
          verdict: Type.Union([Type.Literal('fail'), Type.Literal('warn'), Type.Literal('inconclusive')]),
          reason: Type.String({ minLength: 1, description: 'Why it is accepted for now' }),
          until: Type.Optional(
            Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'The last day, as 2027-01-31' }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, $id: 'https://pushspec.dev/schema/baseline.schema.json', title: 'pushspec baseline' },
)
type Entry = Static<typeof BaselineFile>['known'][number]

/** An entry that a run does not need. */
export interface StaleEntry {
  readonly index: number
  /** `file:line:column: reason: what to do`. */
  readonly message: string
}

interface CountedEntry {
  readonly entry: Entry
  readonly index: number
  matched: number
  needed: number
}

const isAddressPrefix = (prefix: string, name: string): boolean =>
  name === prefix || name.startsWith(`${prefix}/`) || name.startsWith(`${prefix} [`)

/** Known failures, with counts of the results that matched and needed each of them. */
export class Baseline {
  readonly #file: string
  readonly #source: YamlDocument
  readonly #entries: readonly CountedEntry[]
  readonly #today: string

  constructor(file: string, source: YamlDocument, today: string) {
    const problems = schemaProblems(BaselineFile, source)
    if (problems.length > 0) throw new InputError(problems)
    this.#file = file
    this.#source = source
    this.#today = today
    const { known } = source.value as Static<typeof BaselineFile>
    this.#entries = known.map((entry, index) => ({ entry, index, matched: 0, needed: 0 }))
  }

  /** @throws InputError for an invalid file. */
  static async read(file: string, today = new Date().toISOString().slice(0, 10)): Promise<Baseline> {
    return new Baseline(file, await YamlDocument.read(file), today)
  }

  /** Adds the reason of the entry that lists the result, if there is one. */
  apply(result: Result): Result {
    const name = instanceName(result)
    const matching = this.#entries.filter(({ entry }) => isAddressPrefix(entry.case, name))
    for (const kept of matching) if (result.verdict !== 'skip') kept.matched++
    const listed = matching.find(({ entry }) => entry.verdict === result.verdict && !this.#isExpired(entry))
    if (listed === undefined) return result
    listed.needed++
    return { ...result, known: listed.entry.reason }
  }

  /** Entries that the run did not need. Entries that matched no result count only if every case was played. */
  stale({ isWhole }: { isWhole: boolean }): StaleEntry[] {
    return this.#entries
      .filter(({ matched, needed }) => needed === 0 && (matched > 0 || isWhole))
      .map(({ entry, index, matched }) => ({
        index,
        message: `${this.#position(index)}: ${this.#staleReason(entry, matched)}: delete this entry`,
      }))
  }

  /** Removes entries from the file; comments and everything else stay. */
  async remove(stale: readonly StaleEntry[]): Promise<void> {
    const document = parseDocument(await readFile(this.#file, 'utf8'))
    for (const { index } of stale.toSorted((one, other) => other.index - one.index))
      document.deleteIn(['known', index])
    await writeFile(this.#file, document.toString())
  }

  #isExpired({ until }: Entry): boolean {
    return until !== undefined && until < this.#today
  }

  #position(index: number): string {
    const { file, line, column } = this.#source.place(['known', index])
    return `${file}:${line}:${column}`
  }

  #staleReason(entry: Entry, matched: number): string {
    if (matched === 0) return `no case has an address that begins with "${entry.case}"`
    if (this.#isExpired(entry)) return `"${entry.case}" was accepted until ${entry.until}`
    return `"${entry.case}" no longer gives ${entry.verdict}`
  }
}
