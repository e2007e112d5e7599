/** The kit could not make the target do something (publish, open a session): nothing that a target is blamed for. */
export class HookFailed extends Error {
  override readonly name: string = 'HookFailed'
}

/** What a target sent cannot be read in the way its description says. */
export class NotAsDescribed extends Error {
  override readonly name = 'NotAsDescribed'
}

/** The beginning of a text, short enough to stand in a message. */
export function beginning(text: string, most = 200): string {
  return JSON.stringify(text.length > most ? `${text.slice(0, most)}…` : text)
}
