import type { TargetDescription } from './schema.ts'

/** A part of the target that a case can need. */
export interface Need {
  /** Whether the description declares it; undefined if the description does not mention it. */
  readonly declared: (description: TargetDescription) => boolean | undefined
  /** The line of the description that would declare it. */
  readonly line: (description: TargetDescription) => string
}

type EndpointName = 'http' | 'polling' | 'long-polling' | 'sse' | 'websocket'

const usual: Readonly<Record<EndpointName, string>> = {
  http: '/',
  polling: '/poll/${channel}',
  'long-polling': '/wait/${channel}',
  sse: '/events/${channel}',
  websocket: '/echo',
}

/** A path as YAML: in quotes if a plain scalar would be read as something else. */
const quoted = (path: string): string => (/^\/[\w./-]*$/.test(path) ? path : JSON.stringify(path))

/** The line for an endpoint, with its present path or a usual one. */
export const endpointLine =
  (name: EndpointName, members = '') =>
  (description: TargetDescription): string =>
    `${name}: { path: ${quoted(description[name]?.path ?? usual[name])}${members === '' ? '' : `, ${members}`} }`

export const endpoint = (name: EndpointName): Need => ({
  declared: (description) => description[name] !== undefined,
  line: endpointLine(name),
})

export const feature = (
  name: EndpointName,
  members: string,
  declared: (description: TargetDescription) => boolean | undefined,
): Need => ({ declared, line: endpointLine(name, members) })
