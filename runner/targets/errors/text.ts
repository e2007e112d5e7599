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
