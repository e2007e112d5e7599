/** A response of the target cannot be read in the way its description states. */
export class NotAsDescribed extends Error {
  override readonly name = 'NotAsDescribed'
}
