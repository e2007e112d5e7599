/** The kit could not make the target do something (publish, open a session). This is never a failure of the target. */
export class HookFailed extends Error {
  override readonly name: string = 'HookFailed'
}

/** The target has refused the request of a hook with a 4xx. */
export class HookRefused extends HookFailed {
  override readonly name: string = 'HookRefused'
}

/** The target refuses an update because of its size, as it may (RFC 9110 section 15.5.14). */
export class UpdateTooLarge extends HookRefused {
  override readonly name = 'UpdateTooLarge'
}
