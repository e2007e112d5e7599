import { distance } from 'fastest-levenshtein'
import type { Case } from '../../chapters/chapter.ts'

export interface Selection {
  /** Addresses: a protocol, a chapter or a case (`websocket/closing`). */
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  /** This level and stricter levels. */
  readonly level?: 'MUST' | 'SHOULD' | 'MAY'
}

/** The selection is empty, or names a case that does not exist. */
export class SelectionError extends Error {}

const levels = ['MUST', 'SHOULD', 'MAY']

/** Whether `prefix` is the address, or its beginning up to a slash. */
const covers = (prefix: string, id: string): boolean => {
  const bare = prefix.replace(/\/+$/, '')
  return id === bare || id.startsWith(`${bare}/`)
}

/** Whether `only` could select a case below this address. */
export const maySelectBelow = (address: string, { only = [] }: Selection): boolean =>
  only.length === 0 || only.some((prefix) => covers(prefix, address) || covers(address, prefix))

/** The cases that `only` names and `skip` does not. Throws `SelectionError`. */
export function select(cases: readonly Case[], { only = [], skip = [], level = 'MAY' }: Selection): Case[] {
  for (const prefix of [...only, ...skip])
    if (!cases.some(({ id }) => covers(prefix, id))) throw new SelectionError(unknownPrefix(prefix, cases))
  const chosen = cases.filter(
    (entry) =>
      (only.length === 0 || only.some((prefix) => covers(prefix, entry.id))) &&
      !skip.some((prefix) => covers(prefix, entry.id)) &&
      levels.indexOf(entry.level) <= levels.indexOf(level),
  )
  if (chosen.length === 0) throw new SelectionError('the selection is empty: no case is left to play')
  return chosen
}

function unknownPrefix(prefix: string, cases: readonly Case[]): string {
  const addresses = new Set(
    cases.flatMap(({ id }) => id.split('/').map((_, part, parts) => parts.slice(0, part + 1).join('/'))),
  )
  const [nearest] = [...addresses].toSorted((a, b) => distance(prefix, a) - distance(prefix, b))
  return `no case has an address that starts with "${prefix}"${nearest === undefined ? '' : ` (did you mean "${nearest}"?)`}`
}
