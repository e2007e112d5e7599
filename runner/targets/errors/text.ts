/**
 * A member of an error if it is text, else an empty string. `instanceof Error` is not used, because it is false for
 * errors of another realm (a worker, a test runner's context).
 */
export function textOf(error: unknown, member: 'name' | 'message'): string {
  if (typeof error !== 'object' || error === null || !(member in error)) return ''
  const value: unknown = Reflect.get(error, member)
  return typeof value === 'string' ? value : ''
}

/** The message of an error; any other thrown value as text. */
export const messageOf = (error: unknown): string => textOf(error, 'message') || String(error)

/** The beginning of a text, in quotes, short enough for a message. */
export function beginning(text: string, most = 200): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text)
}
