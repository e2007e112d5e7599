import { HookFailed } from '../../targets/errors/hook-failed.ts'
import type { EndpointKind } from '../../targets/address.ts'
import type { Play } from '../stage/play.ts'

/**
 * The features that a case can need of the resource for plain requests; each is also a member of its description. Polls have
 * a date only after an update, so cases about dates are not played on them if there is another resource.
 */
const features = ['validators', 'dates', 'codings'] as const

/**
 * The endpoint for plain requests. If the one for `http` has not all the features that the case needs, the one for polling
 * serves, which responds at once too.
 * @throws HookFailed if neither has all of them
 */
export function plainResource({ instance, target: { description } }: Play): EndpointKind {
  const needed = features.filter((name) => instance.needs.includes(`http.${name}`))
  const has = (kind: 'http' | 'polling'): boolean =>
    needed.every((name) => {
      const value = description[kind]?.[name]
      return value !== undefined && value !== false
    })
  if (description.http === undefined || has('http')) return 'http'
  if (has('polling')) return 'polling'
  throw new HookFailed(`no endpoint for plain requests has all of these: ${needed.join(', ')}`)
}
