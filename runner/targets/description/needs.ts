import { oneLineYaml } from './one-line-yaml.ts'
import { endpoint, endpointLine, feature, listed, type Need, plain, plainOrPolled } from './need.ts'
import { endingOf, type TargetDescription } from './schema.ts'

type DeflateParameter = 'serverWindow' | 'clientWindow' | 'clientContext' | 'serverNoContext'

/** `deflate: false` denies all parameters; `deflate: true` declares no single one. */
const deflateParameter = (name: DeflateParameter): Need =>
  feature('websocket', `deflate: { ${name}: true }`, ({ websocket }) => {
    const { deflate } = websocket ?? {}
    return typeof deflate === 'object' ? (deflate[name] ?? undefined) : deflate === false ? false : undefined
  })
const hasFeed = (updates: string | boolean | undefined): boolean | undefined =>
  updates === undefined ? undefined : updates !== false

const cursorLine = 'cursor: { from: { json: /next }, send: { query: since } }'

/** Responses that together have every update, and a cursor that states which of them a client has. */
const deliveryOf = (name: 'polling' | 'long-polling'): Need => ({
  declared: ({ [name]: polls }) =>
    polls !== undefined &&
    polls.delivers !== 'last' &&
    (polls.cursor !== undefined || polls.setup !== undefined),
  line: (description) =>
    description[name]?.delivers === 'last'
      ? endpointLine(name, `delivers: many, ${cursorLine}`)(description)
      : endpointLine(name, cursorLine)(description),
})

/** Echoes messages of up to 64 KiB: any echo without a smaller declared limit. */
const echoing64KiB: Need = feature('websocket', 'echo: true', ({ websocket }) =>
  websocket?.echo === true ? (websocket.maxMessage ?? 65536) >= 65536 : websocket?.echo,
)

/** Echoes messages of so many MiB. */
const echoing = (mebibytes: number): Need => {
  const bytes = mebibytes * 1024 * 1024
  return feature('websocket', `echo: true, maxMessage: ${bytes}`, ({ websocket }) => {
    if (websocket?.echo !== true) return websocket?.echo
    return websocket.maxMessage === undefined ? undefined : websocket.maxMessage >= bytes
  })
}
type LongPolling = NonNullable<TargetDescription['long-polling']>

/** A feature of the end of a hold; a hold that never ends has none. */
const ending = (
  members: string,
  declared: (its: NonNullable<ReturnType<typeof endingOf>>) => boolean | undefined,
): Need =>
  feature('long-polling', `timeout: { status: 204, after: 25s${members} }`, (description) => {
    if (description['long-polling']?.timeout === 'never') return false
    const its = endingOf(description)
    return its && declared(its)
  })
const set = ', set: { query: wait, unit: s }'

/** The updates that a client has seen are remembered: by its cursor, or by the server in a session. */
const keepsPlace = ({ cursor, setup }: LongPolling): boolean => cursor !== undefined || setup !== undefined
const usualHook = { request: { method: 'POST', path: '/publish/${channel}', body: '${data}' } }

/** A part of an update that the hook passes on. */
const publishes = (part: 'type' | 'id'): Need => ({
  declared: ({ publish }) => publish !== undefined && JSON.stringify(publish).includes(`\${${part}}`),
  line: ({ publish }) => {
    const hook = publish !== undefined && 'request' in publish ? publish : usualHook
    const { path } = hook.request
    const more = `${path.includes('?') ? '&' : '?'}${part}=\${${part}}`
    return oneLineYaml('publish', { ...hook, request: { ...hook.request, path: path + more } })
  },
})

/** So many updates are kept for clients that do not have them yet; how many is the choice of the server. */
const retaining = (count: number): Need => ({
  declared: ({ retains }) => (retains === undefined ? undefined : retains >= count),
  line: () => `retains: ${count}`,
})

/** A process started by `start` can be restarted without a hook. */
const restarting = (members: readonly string[], declared: Need['declared']): Need => ({
  declared,
  line: ({ start }) => {
    const hook = start === undefined ? ['request: { method: POST, path: /restart }'] : []
    return `restart: { ${[...hook, ...members].join(', ')} }`.replace('{  }', '{}')
  },
})

const needed: Readonly<Record<string, Need>> = {
  http: {
    declared: ({ http, polling }) => (http ?? polling) !== undefined,
    line: endpointLine('http'),
  },
  'http.validators': plainOrPolled('validators: true', (its) => its.validators),
  'http.dates': plain('dates: true', (its) => its.dates),
  'http.codings': plainOrPolled('codings: [gzip]', (its) => its.codings !== undefined),
  polling: endpoint('polling'),
  'polling.queue': feature('polling', 'delivers: many', ({ polling }) =>
    polling?.delivers === undefined ? undefined : polling.delivers !== 'last',
  ),
  'polling.cursor': feature(
    'polling',
    'cursor: { from: { json: /next }, send: { query: since } }',
    ({ polling }) => polling?.cursor !== undefined,
  ),
  'polling.validators': feature('polling', 'validators: true', ({ polling }) => polling?.validators),
  'polling.dates': feature('polling', 'dates: true', ({ polling }) => polling?.dates),
  'polling.codings': feature('polling', 'codings: [gzip]', ({ polling }) => polling?.codings !== undefined),
  'polling.freshness': feature('polling', 'freshness: true', ({ polling }) => polling?.freshness),
  'polling.independent': feature('polling', 'independent: true', ({ polling }) => polling?.independent),
  'polling.initial': feature('polling', 'initial: oldest', ({ polling }) => polling?.initial !== undefined),
  'polling.malformed': feature(
    'polling',
    'odd: { malformed: { send: none, gets: 400 } }',
    ({ polling }) => polling?.odd?.malformed !== undefined,
  ),
  'polling.future': feature(
    'polling',
    'odd: { future: { send: "999999", gets: 400 } }',
    ({ polling }) => polling?.odd?.future !== undefined,
  ),
  'polling.unknown': feature(
    'polling',
    'odd: { unknown: { gets: empty } }',
    ({ polling }) => polling?.odd?.unknown !== undefined,
  ),
  'long-polling': endpoint('long-polling'),
  // The end of a hold is described.
  'long-polling.timeout': ending('', ({ after, set: wished }) => (after ?? wished) !== undefined),
  'long-polling.timeout.set': ending(set, (its) => its.set !== undefined),
  'long-polling.timeout.cursor': ending(', cursor: true', (its) => its.cursor),
  'long-polling.timeout.bad': ending(`${set}, bad: true`, (its) => its.bad),
  'long-polling.timeout.zero': ending(`${set}, zero: true`, (its) => its.zero),
  'long-polling.cursor': feature(
    'long-polling',
    'cursor: { from: { header: next-cursor }, send: { query: since } }',
    (its) => its['long-polling']?.cursor !== undefined,
  ),
  'long-polling.keeps': {
    declared: (its) => its['long-polling'] && keepsPlace(its['long-polling']),
    line: endpointLine('long-polling', 'cursor: { from: { header: next-cursor }, send: { query: since } }'),
  },
  'long-polling.queue': feature(
    'long-polling',
    'delivers: many, cursor: { from: { header: next-cursor }, send: { query: since } }',
    ({ 'long-polling': its }) => its && keepsPlace(its) && its.delivers !== 'last',
  ),
  'long-polling.all': feature(
    'long-polling',
    'reaches: all',
    ({ 'long-polling': its }) => its && its.reaches !== 'one',
  ),
  'long-polling.initial': feature(
    'long-polling',
    'initial: newest',
    ({ 'long-polling': its }) => its && its.initial !== undefined && its.setup === undefined,
  ),
  'long-polling.ordered': feature('long-polling', 'ordered: true', (its) => its['long-polling']?.ordered),
  'long-polling.malformed': feature(
    'long-polling',
    'unusable: { malformed: { send: "?", then: 400 } }',
    (its) => its['long-polling']?.unusable && its['long-polling'].unusable.malformed !== undefined,
  ),
  'long-polling.future': feature(
    'long-polling',
    'unusable: { future: { send: "999999", then: 400 } }',
    (its) => its['long-polling']?.unusable && its['long-polling'].unusable.future !== undefined,
  ),
  'long-polling.second': feature(
    'long-polling',
    'second: held',
    ({ 'long-polling': its }) => its && its.second !== undefined,
  ),
  'long-polling.waiters': feature(
    'long-polling',
    'waiters: { request: { path: "/waiters/${channel}" }, count: { json: /held } }',
    ({ 'long-polling': its }) => its && JSON.stringify(its.waiters ?? '').includes('${channel'),
  ),
  'long-polling.uncached': feature(
    'long-polling',
    'cacheable: false',
    ({ 'long-polling': its }) => its && its.cacheable !== true,
  ),
  'long-polling.emptyUpdates': feature(
    'long-polling',
    'emptyUpdates: true',
    (its) => its['long-polling']?.emptyUpdates,
  ),
  'long-polling.head': feature('long-polling', 'head: true', (its) => its['long-polling']?.head),
  'long-polling.refused': feature(
    'long-polling',
    'refused: { path: /private }',
    (its) => its['long-polling']?.refused !== undefined,
  ),
  sse: endpoint('sse'),
  'sse.refused': feature('sse', 'refused: { path: /private }', ({ sse }) => sse?.refused !== undefined),
  'sse.streams': feature('sse', 'streams: 100', ({ sse }) => sse && sse.streams !== undefined),
  'sse.resume': feature('sse', 'resume: true', ({ sse }) => sse?.resume),
  'sse.retry': feature('sse', 'retry: true', ({ sse }) => sse?.retry),
  'sse.keepAlive': feature('sse', 'keepAlive: 15s', ({ sse }) => sse?.keepAlive !== undefined),
  'sse.emits': feature('sse', 'emits: true', ({ sse }) => sse?.emits),
  'sse.waiters': feature(
    'sse',
    'waiters: { request: { path: "/waiters/${channel}" }, count: { json: /streams } }',
    ({ sse }) => sse && JSON.stringify(sse.waiters ?? '').includes('${channel'),
  ),
  'sse.quiet': feature('sse', 'emits: false', ({ sse }) => sse !== undefined && sse.emits !== true),
  'sse.idQuery': feature('sse', 'idQuery: last-event-id', ({ sse }) => sse?.idQuery !== undefined),
  'sse.unknownId': feature('sse', 'unknownId: all', ({ sse }) => sse?.unknownId !== undefined),
  'sse.cors': feature('sse', 'cors: {}', ({ sse }) => sse?.cors !== undefined),
  'sse.cors.credentials': feature(
    'sse',
    'cors: { origin: "https://app.example", credentials: true }',
    ({ sse }) => sse?.cors?.credentials,
  ),
  'sse.cors.accepts-last-event-id': feature('sse', 'cors: { accepts: [Last-Event-ID] }', ({ sse }) =>
    sse?.cors?.accepts?.some((name) => name.toLowerCase() === 'last-event-id'),
  ),
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
  'websocket.updates': feature('websocket', 'updates: true', ({ websocket }) => hasFeed(websocket?.updates)),
  'websocket.deflate': feature('websocket', 'deflate: true', ({ websocket }) =>
    websocket?.deflate === undefined ? undefined : websocket.deflate !== false,
  ),
  'websocket.deflate.serverWindow': deflateParameter('serverWindow'),
  'websocket.deflate.clientWindow': deflateParameter('clientWindow'),
  'websocket.deflate.clientContext': deflateParameter('clientContext'),
  'websocket.deflate.serverNoContext': deflateParameter('serverNoContext'),
  'websocket.origins': feature('websocket', 'origins: same', ({ websocket }) =>
    websocket?.origins === undefined ? undefined : websocket.origins !== 'any',
  ),
  'websocket.onlyKnownPaths': feature(
    'websocket',
    'onlyKnownPaths: true',
    ({ websocket }) => websocket?.onlyKnownPaths,
  ),
  'websocket.idle': feature(
    'websocket',
    'idle: 60s',
    ({ websocket }) => websocket && websocket.idle !== undefined,
  ),
  'websocket.maxMessage': feature('websocket', 'maxMessage: 1048576', ({ websocket }) =>
    websocket?.maxMessage === undefined ? undefined : true,
  ),
  'websocket.echoes-64-kib': echoing64KiB,
  'websocket.echoes-1-mib': echoing(1),
  'websocket.echoes-4-mib': echoing(4),
  'websocket.echoes-16-mib': echoing(16),
  'websocket.subprotocols': feature('websocket', 'subprotocols: [chat.v1]', ({ websocket }) =>
    websocket?.subprotocols === undefined ? undefined : websocket.subprotocols.length > 0,
  ),
  'delivery.polling': deliveryOf('polling'),
  'delivery.long-polling': deliveryOf('long-polling'),
  'delivery.sse': endpoint('sse'),
  'delivery.websocket': feature('websocket', 'updates: true', ({ websocket }) => hasFeed(websocket?.updates)),
  'resume.polling': feature('polling', cursorLine, ({ polling }) => polling?.cursor !== undefined),
  'resume.long-polling': feature(
    'long-polling',
    cursorLine,
    (its) => its['long-polling']?.cursor !== undefined,
  ),
  'resume.sse': feature('sse', 'resume: true', ({ sse }) => sse?.resume),
  'resume.websocket': feature(
    'websocket',
    'updates: true, cursor: { from: { json: /id }, send: { query: since } }',
    ({ websocket }) => hasFeed(websocket?.updates) && websocket?.cursor !== undefined,
  ),
  'retains-120': retaining(120),
  'retains-1000': retaining(1000),
  sharedCursor: { declared: (its) => its.sharedCursor, line: () => 'sharedCursor: true' },
  publish: {
    declared: ({ publish }) => publish !== undefined,
    line: () => 'publish: { request: { method: POST, path: "/publish/${channel}", body: "${data}" } }',
  },
  'publish.request': {
    declared: ({ publish }) =>
      publish === undefined ? undefined : 'request' in publish && publish.request.path.startsWith('/'),
    line: () => 'publish: { request: { method: POST, path: "/publish/${channel}", body: "${data}" } }',
  },
  cors: {
    declared: ({ cors }) => cors !== undefined,
    line: () => 'cors: { origin: "https://app.example" }',
  },
  'cors.exposes-etag': listed('exposes', 'ETag'),
  'cors.accepts-if-none-match': listed('accepts', 'If-None-Match'),
  'cors.credentials': {
    declared: ({ cors }) => cors?.credentials,
    line: () => 'cors: { origin: "https://app.example", credentials: true }',
  },
  restart: restarting([], ({ restart }) => restart !== undefined),
  'restart.keeps': restarting(['keeps: true'], ({ restart }) => restart?.keeps),
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

/** All that a case can need of a target. */
export const needs: readonly string[] = Object.keys(needed)

const needOf = (name: string): Need => {
  const need = Object.hasOwn(needed, name) ? needed[name] : undefined
  if (need === undefined) throw new RangeError(`"${name}" is nothing that a target can have`)
  return need
}

/** Whether the description declares the need; undefined if it does not mention it. @throws RangeError for an unknown need. */
export const isDeclared = (need: string, description: TargetDescription): boolean | undefined =>
  needOf(need).declared(description)

/** The line of the target description that would declare the need. @throws RangeError for an unknown need. */
export const lineFor = (need: string, description: TargetDescription): string =>
  needOf(need).line(description)
