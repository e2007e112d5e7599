/** The kit could not make the target do something (publish, open a session): nothing that a target is blamed for. */
export class HookFailed extends Error {
  override readonly name: string = 'HookFailed'
}

/** The target does not take an update because of its size, as it may (RFC 9110 section 15.5.14). */
export class UpdateTooLarge extends HookFailed {
  override readonly name = 'UpdateTooLarge'
}
