/** The reference tokens of a JSON Pointer (RFC 6901 section 4: first ~1, then ~0). */
const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))

const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The members of a value that a token selects; `*` selects each entry of an array. */
function step(value: unknown, token: string): unknown[] {
  if (!isContainer(value)) return []
  if (Array.isArray(value) && token === '*') return [...(value as unknown[])]
  // RFC 6901 section 4: an index has no leading zeros; `length` is no member.
  if (Array.isArray(value) && !/^(0|[1-9][0-9]*)$/.test(token)) return []
  return Object.hasOwn(value, token) ? [value[token]] : []
}

/** All values that a JSON Pointer (RFC 6901) selects; with `*` there may be several, or none. */
export function pick(value: unknown, pointer: string): unknown[] {
  return tokensOf(pointer).reduce<unknown[]>(
    (found, token) => found.flatMap((one) => step(one, token)),
    [value],
  )
}

/**
 * A copy of `value` with `member` at a JSON Pointer; objects on the way are made where they are missing.
 * `-` stands for a new entry at the end of an array.
 */
export function place(value: unknown, pointer: string, member: unknown): unknown {
  return placeAt(value, tokensOf(pointer), member)
}

function placeAt(value: unknown, [token, ...rest]: readonly string[], member: unknown): unknown {
  if (token === undefined) return member
  if (Array.isArray(value)) {
    const entries: unknown[] = [...(value as unknown[])]
    const index = token === '-' ? entries.length : Number(token)
    entries[index] = placeAt(entries[index], rest, member)
    return entries
  }
  const members = isContainer(value) ? value : {}
  const before = Object.hasOwn(members, token) ? members[token] : undefined
  const others = Object.entries(members).filter(([name]) => name !== token)
  // fromEntries defines members, so that __proto__ is a member like any other.
  return Object.fromEntries([...others, [token, placeAt(before, rest, member)]])
}
