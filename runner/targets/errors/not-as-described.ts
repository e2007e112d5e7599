/** What a target sent cannot be read in the way its description says. */
export class NotAsDescribed extends Error {
  override readonly name = 'NotAsDescribed'
}
