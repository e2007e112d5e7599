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

/** A part of an update that the hook passes on. */
const publishes = (part: 'type' | 'id'): Need => ({
  declared: ({ publish }) => publish !== undefined && JSON.stringify(publish).includes(`\${${part}}`),
  line: () =>
    `publish: { request: { method: POST, path: "/publish/\${channel}?${part}=\${${part}}", body: "\${data}" } }`,
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
  'sse.quiet': feature('sse', 'emits: false', ({ sse }) => sse !== undefined && sse.emits !== true),
  'sse.idQuery': feature('sse', 'idQuery: last-event-id', ({ sse }) => sse?.idQuery !== undefined),
  'sse.unknownId': feature('sse', 'unknownId: all', ({ sse }) => sse?.unknownId !== undefined),
  'sse.cors': feature('sse', 'cors: {}', ({ sse }) => sse?.cors !== undefined),
  'sse.end': feature(
    'sse',
    "end: { method: POST, path: '/end/${channel}' }",
    ({ sse }) => sse?.end !== undefined,
  ),
  'sse.finish': feature(
    'sse',
    "finish: { method: POST, path: '/finish/${channel}' }",
    ({ sse }) => sse?.finish !== undefined,
  ),
  websocket: endpoint('websocket'),
  'websocket.echo': feature('websocket', 'echo: true', ({ websocket }) => websocket?.echo),
  'websocket.updates': feature('websocket', 'updates: true', ({ websocket }) =>
    websocket?.updates === undefined ? undefined : websocket.updates !== false,
  ),
  'websocket.deflate': feature('websocket', 'deflate: true', ({ websocket }) => websocket?.deflate),
  'websocket.subprotocols': feature('websocket', 'subprotocols: [chat.v1]', ({ websocket }) =>
    websocket?.subprotocols === undefined ? undefined : websocket.subprotocols.length > 0,
  ),
  publish: {
    declared: ({ publish }) => publish !== undefined,
    line: () => 'publish: { request: { method: POST, path: "/publish/${channel}", body: "${data}" } }',
  },
  'publish.type': publishes('type'),
  'publish.id': publishes('id'),
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
