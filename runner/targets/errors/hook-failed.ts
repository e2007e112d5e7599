/** The kit could not make the target do something (publish, open a session): nothing that a target is blamed for. */
export class HookFailed extends Error {
  override readonly name: string = 'HookFailed'
}

/** The target does not take an update because of its size, as it may (RFC 9110 section 15.5.14). */
export class UpdateTooLarge extends HookFailed {
  override readonly name = 'UpdateTooLarge'
}

/** What a target sent cannot be read in the way its description says. */
export class NotAsDescribed extends Error {
  override readonly name = 'NotAsDescribed'
}

/**
 * A member of an error, if it has it as text. Errors of Node are looked at by their form: those made in another
 * realm (a worker, a test runner's context) are no instances of this one's Error.
 */
export function textOf(error: unknown, member: 'name' | 'message'): string {
  if (typeof error !== 'object' || error === null || !(member in error)) return ''
  const value: unknown = Reflect.get(error, member)
  return typeof value === 'string' ? value : ''
}

/** What an error says, or any other thing that was thrown. */
export const messageOf = (error: unknown): string => textOf(error, 'message') || String(error)

/** The beginning of a text, short enough to stand in a message. */
export function beginning(text: string, most = 200): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text)
}
