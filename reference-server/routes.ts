import { createHash } from 'node:crypto'
import { type ResponseMessage, json, Refusal, text } from './http/response.ts'
import { acceptsGzip, codedTag, inGzip } from './http/gzip.ts'
import { preconditionResponse, validatorFields } from './http/conditional.ts'
import { events } from './updates/event-stream.ts'
import type { Exchange, Handler } from './updates/exchange.ts'
import { checkHandshake, upgradeRequired } from './websocket/handshake.ts'
import { wait } from './updates/long-polling.ts'
import { poll } from './updates/polling.ts'
import { publish } from './updates/publish.ts'
import { checkAccess } from './http/requests.ts'
import { varyOn } from './http/send-response.ts'
import { echo, type Endpoint, updates } from './websocket/endpoints.ts'

export interface Route {
  /** `{channel}` stands for one segment of a path. */
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
  readonly about: string
  /** The WebSocket endpoint at this path. */
  readonly socket?: Endpoint
}

const routes: readonly Route[] = [
  { path: '/', method: 'GET', handle: frontPage, about: 'this page' },
  { path: '/publish/{channel}', method: 'POST', handle: publish, about: 'publishes the content' },
  { path: '/poll/{channel}', method: 'GET', handle: poll, about: 'polling: ?since=N' },
  { path: '/wait/{channel}', method: 'GET', handle: wait, about: 'long-polling: ?since=N&wait=MS' },
  { path: '/events/{channel}', method: 'GET', handle: events, about: 'Server-Sent Events: Last-Event-ID' },
  { path: '/end/{channel}', method: 'POST', handle: end, about: 'ends the event streams' },
  { path: '/finish/{channel}', method: 'POST', handle: finish, about: 'ends them permanently' },
  {
    path: '/ws/{channel}',
    method: 'GET',
    handle: requireUpgrade,
    socket: updates,
    about: 'WebSocket: ?since=N',
  },
  { path: '/echo', method: 'GET', handle: requireUpgrade, socket: echo, about: 'WebSocket that echoes' },
  { path: '/restart', method: 'POST', handle: restart, about: 'breaks all connections' },
  { path: '/waiters/{channel}', method: 'GET', handle: waiters, about: 'counts the waiting clients' },
]

export interface Match {
  readonly route: Route
  readonly channel: string
}

/** The route of a path and the channel that it names; throws a refusal if the path is not well-formed. */
export function matchPath(pathname: string): Match | undefined {
  for (const route of routes) {
    const [before = '', after] = route.path.split('{channel}')
    if (after === undefined && pathname === route.path) return { route, channel: '' }
    const name = pathname.slice(before.length)
    if (after === undefined || !pathname.startsWith(before) || !/^[^/]+$/.test(name)) continue
    return { route, channel: decode(name) }
  }
  return undefined
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new Refusal(400, 'The path contains an invalid percent-encoding.')
  }
}

/** Calls the handler of the route. 404 if there is no route, 405 for another method (RFC 9110 section 15.5). */
export async function handle(
  match: Match | undefined,
  exchange: Exchange,
): Promise<ResponseMessage | undefined> {
  if (match === undefined) return text(404, 'There is nothing at this path; / lists all paths.')
  const { route } = match
  const { method } = exchange.request
  if (match.channel !== '') shareAcrossOrigins(exchange)
  if (method === 'OPTIONS') return options(route, exchange)
  checkAccess(exchange.request, match.channel, exchange.options.token)
  if (method === route.method || (method === 'HEAD' && route.method === 'GET')) return route.handle(exchange)
  return text(405, `Only ${allowed(route)} can be used here.`, { Allow: allowed(route) })
}

function allowed({ method }: Route): string {
  return method === 'GET' ? 'GET, HEAD, OPTIONS' : 'POST, OPTIONS'
}

/**
 * Pages of all origins may use a channel and read the fields with its cursors. Only pages of the trusted origin may
 * send credentials, so this origin is named instead of `*` (Fetch, CORS protocol).
 */
function shareAcrossOrigins({ request, response, options: { trustedOrigin } }: Exchange): void {
  const isTrusted = request.headers.origin === trustedOrigin
  response.setHeader('Access-Control-Allow-Origin', isTrusted ? trustedOrigin : '*')
  if (isTrusted) response.setHeader('Access-Control-Allow-Credentials', 'true')
  response.setHeader('Access-Control-Expose-Headers', 'ETag, Next-Cursor')
  varyOn(response, 'Origin')
}

/** The response to OPTIONS (RFC 9110 section 9.3.7), which is also the response to a CORS preflight. */
function options(route: Route, { channel }: Exchange): ResponseMessage {
  const preflight = {
    'Access-Control-Allow-Methods': allowed(route),
    'Access-Control-Allow-Headers': 'if-none-match, if-modified-since, last-event-id, content-type',
    'Access-Control-Max-Age': '600',
  }
  return { status: 204, headers: { Allow: allowed(route), ...(channel !== '' && preflight) } }
}

/** The page is generated by this program, so it has not changed since the start. */
const started = { at: new Date(Math.floor(Date.now() / 1000) * 1000), exact: true }

function frontPage({ request }: Exchange): ResponseMessage {
  const lines = routes.map(({ path, method, about }) => `${method.padEnd(4)} ${path.padEnd(20)} ${about}`)
  const page = ['pushspec reference server', '', ...lines].join('\n')
  const isGzip = acceptsGzip(request)
  const tag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 16)}"`
  const validators = { etag: codedTag(tag, isGzip), modification: started }
  const fields = { ...validatorFields(validators), 'Cache-Control': 'no-cache', Vary: 'Accept-Encoding' }
  const message = preconditionResponse(request, validators, fields) ?? text(200, page, fields)
  return isGzip ? inGzip(message) : message
}

function end({ endings, channel }: Exchange): ResponseMessage {
  endings.end(channel)
  return { status: 204 }
}

function finish({ endings, channel }: Exchange): ResponseMessage {
  endings.finish(channel)
  return { status: 204 }
}

/** Restarts after the response is sent. */
function restart({ response, restart: begin }: Exchange): ResponseMessage {
  response.once('finish', begin)
  return { status: 202 }
}

function waiters({ store, channel }: Exchange): ResponseMessage {
  return json(store.waiters(channel), { 'Cache-Control': 'no-store' })
}

/** The response to a plain request, or an incomplete handshake, at a WebSocket endpoint. */
function requireUpgrade({ request }: Exchange): ResponseMessage {
  return checkHandshake(request) ?? upgradeRequired('This is a WebSocket endpoint: it requires an upgrade.')
}
