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

type PlainResource = NonNullable<TargetDescription['http']>

/** A feature of the resource for plain requests; the polling resource serves for it if there is none. */
export const plain = (members: string, declared: (resource: PlainResource) => boolean | undefined): Need => ({
  declared: ({ http, polling }) => {
    const resource = http ?? polling
    return resource === undefined ? undefined : declared(resource)
  },
  line: endpointLine('http', members),
})

/** The same, where the polling resource serves also if the one for plain requests lacks the feature. */
export const plainOrPolled = (
  members: string,
  declared: (resource: PlainResource) => boolean | undefined,
): Need => ({
  declared: ({ http, polling }) =>
    [http, polling].reduce<boolean | undefined>(
      (known, resource) => (known === true || resource === undefined ? known : (declared(resource) ?? known)),
      undefined,
    ),
  line: endpointLine('http', members),
})

/** A header field that pages of other origins may read in responses, or send in requests. */
export const listed = (member: 'exposes' | 'accepts', name: string): Need => ({
  declared: ({ cors }) =>
    cors?.[member] === undefined
      ? undefined
      : cors[member].some((one) => one.toLowerCase() === name.toLowerCase()),
  line: () => `cors: { origin: "https://app.example", ${member}: [${name}] }`,
})
