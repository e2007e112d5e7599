import type { TargetDescription } from './schema.ts'

/** A part of the target that a case can need. */
interface Need {
  /** Whether the description says that the target has it; undefined where it says nothing. */
  readonly declared: (description: TargetDescription) => boolean | undefined
  /** The line of the description that would say so. */
  readonly line: (description: TargetDescription) => string
}

type EndpointName = 'polling' | 'long-polling' | 'sse' | 'websocket'

const usual: Readonly<Record<EndpointName, string>> = {
  polling: '/poll/${channel}',
  'long-polling': '/wait/${channel}',
  sse: '/events/${channel}',
  websocket: '/echo',
}

/** A path as YAML: in quotes where a plain scalar would be read as something else. */
const quoted = (path: string): string => (/^\/[\w./-]*$/.test(path) ? path : JSON.stringify(path))

/** The line for an endpoint, with the path that it has already, or else a usual one. */
const endpointLine =
  (name: EndpointName, members = '') =>
  (description: TargetDescription): string =>
    `${name}: { path: ${quoted(description[name]?.path ?? usual[name])}${members === '' ? '' : `, ${members}`} }`

const endpoint = (name: EndpointName): Need => ({
  declared: (description) => description[name] !== undefined,
  line: endpointLine(name),
})

const feature = (
  name: EndpointName,
  members: string,
  declared: (description: TargetDescription) => boolean | undefined,
): Need => ({ declared, line: endpointLine(name, members) })

type DeflateParameter = 'serverWindow' | 'clientWindow' | 'serverNoContext'

/** `deflate: false` denies them all; `deflate: true` says nothing of single ones. */
const deflateParameter = (name: DeflateParameter): Need =>
  feature('websocket', `deflate: { ${name}: true }`, ({ websocket }) => {
    const { deflate } = websocket ?? {}
    return typeof deflate === 'object' ? (deflate[name] ?? undefined) : deflate === false ? false : undefined
  })

const needed: Readonly<Record<string, Need>> = {
  http: {
    declared: (its) => [its.http, its.polling, its['long-polling'], its.sse].some((one) => one !== undefined),
    line: () => 'http: { path: / }',
  },
  polling: endpoint('polling'),
  'polling.queue': feature('polling', 'delivers: many', ({ polling }) =>
    polling?.delivers === undefined ? undefined : polling.delivers !== 'last',
  ),
  'polling.validators': feature('polling', 'validators: true', ({ polling }) => polling?.validators),
  'long-polling': endpoint('long-polling'),
  'long-polling.timeout': feature(
    'long-polling',
    'timeout: { status: 204, after: 25s }',
    (its) => its['long-polling']?.timeout !== undefined,
  ),
  sse: endpoint('sse'),
  'sse.resume': feature('sse', 'resume: true', ({ sse }) => sse?.resume),
  'sse.retry': feature('sse', 'retry: true', ({ sse }) => sse?.retry),
  'sse.keepAlive': feature('sse', 'keepAlive: 15s', ({ sse }) => sse?.keepAlive !== undefined),
  'sse.emits': feature('sse', 'emits: true', ({ sse }) => sse?.emits),
  websocket: endpoint('websocket'),
  'websocket.echo': feature('websocket', 'echo: true', ({ websocket }) => websocket?.echo),
  'websocket.updates': feature('websocket', 'updates: true', ({ websocket }) =>
    websocket?.updates === undefined ? undefined : websocket.updates !== false,
  ),
  'websocket.deflate': feature('websocket', 'deflate: true', ({ websocket }) =>
    websocket?.deflate === undefined ? undefined : websocket.deflate !== false,
  ),
  'websocket.deflate.serverWindow': deflateParameter('serverWindow'),
  'websocket.deflate.clientWindow': deflateParameter('clientWindow'),
  'websocket.deflate.serverNoContext': deflateParameter('serverNoContext'),
  'websocket.origins': feature('websocket', 'origins: same', ({ websocket }) =>
    websocket?.origins === undefined ? undefined : websocket.origins !== 'any',
  ),
  'websocket.onlyKnownPaths': feature(
    'websocket',
    'onlyKnownPaths: true',
    ({ websocket }) => websocket?.onlyKnownPaths,
  ),
  'websocket.maxMessage': feature(
    'websocket',
    'maxMessage: 1048576',
    ({ websocket }) => websocket?.maxMessage !== undefined,
  ),
  'websocket.subprotocols': feature('websocket', 'subprotocols: [chat.v1]', ({ websocket }) =>
    websocket?.subprotocols === undefined ? undefined : websocket.subprotocols.length > 0,
  ),
  publish: {
    declared: ({ publish }) => publish !== undefined,
    line: () => 'publish: { request: { method: POST, path: "/publish/${channel}", body: "${data}" } }',
  },
  channels: {
    declared: ({ publish }) => publish !== undefined && JSON.stringify(publish).includes('${channel'),
    line: () => 'publish: { request: { method: POST, path: "/publish/${channel}", body: "${data}" } }',
  },
  tls: {
    declared: ({ target }) => /^(https|wss):/i.test(target),
    line: ({ target }) => `target: ${target.replace(/^http:/i, 'https:').replace(/^ws:/i, 'wss:')}`,
  },
}

/** Everything that a case can need of a target. */
export const needs: readonly string[] = Object.keys(needed)

const needOf = (name: string): Need => {
  const need = Object.hasOwn(needed, name) ? needed[name] : undefined
  if (need === undefined) throw new RangeError(`"${name}" is nothing that a target can have`)
  return need
}

/** Whether the description says so; undefined where it says nothing. @throws RangeError for an unknown need. */
export const isDeclared = (need: string, description: TargetDescription): boolean | undefined =>
  needOf(need).declared(description)

/** The line of the target description that would give it. @throws RangeError for an unknown need. */
export const lineFor = (need: string, description: TargetDescription): string =>
  needOf(need).line(description)
