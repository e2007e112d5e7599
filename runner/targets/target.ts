import { Agent, buildConnector } from 'undici'
import type { Address, EndpointKind } from './address.ts'
import { HookFailed } from './errors/hook-failed.ts'
import { isDeclared, lineFor } from './description/needs.ts'
import type { RequestTemplate, SetupStep, TargetDescription } from './description/schema.ts'
import { expand, expandField, field, type Scope } from './description/template.ts'
import { Redactor } from '../text/redact.ts'

/** A server that the kit started. */
export interface RunningServer {
  /** Process ID of the shell that runs the command, and ID of its process group. */
  readonly pid: number
  /** How it ended by itself, and its last output; undefined while it runs. */
  readonly fate: string | undefined
  /** Ends the server and all that it started; may be called again. */
  stop(): Promise<void>
  /** Ends the server, starts it again, and resolves when it is ready. @throws HookFailed like `startServer`. */
  restart(signal: AbortSignal): Promise<void>
}

/** Whether the target has a capability that a case needs. */
export interface Ability {
  readonly has: boolean
  readonly how: 'declared' | 'found' | 'missing'
  /** The line of the target description that would declare it. */
  readonly enable: string
  /** For `found`: how it was detected. */
  readonly note: string
}

export interface TlsOptions {
  /** Certificates to trust, as PEM. */
  readonly ca?: string
  readonly rejectUnauthorized: boolean
  readonly servername?: string
}

/** The parameters of a target. */
export interface TargetParts {
  readonly name: string
  readonly base: URL
  readonly description: TargetDescription
  readonly tls: TlsOptions
  readonly secrets: readonly string[]
  /** Values of `env.NAME`. */
  readonly env: Scope
  /** Only a URL was given; what is there has not been detected yet. */
  readonly isBare: boolean
  /** What was detected at a bare URL, in words; empty otherwise. */
  readonly took: string
}

/** The target description has no such endpoint. */
export class NoEndpoint extends HookFailed {
  override readonly name: string = 'NoEndpoint'
}

/** The scope name of the Cookie field of a session; its dot distinguishes it from all captures. */
export const sessionCookie = 'session.cookie'

/** An endpoint as the description has it. */
interface Endpoint {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly setup?: readonly SetupStep[]
}

/** Idle connections are closed before most servers would close them during a new request. */
const keepAliveMs = 1000
const connectTimeoutMs = 5000

/** Connects with the server name of the URL, as the judged connections do: undici would use the Host field for it. */
function connectorOf(tls: TlsOptions): buildConnector.connector {
  const connect = buildConnector({ ...tls, timeout: connectTimeoutMs })
  return (place, callback) => connect({ ...place, servername: '' }, callback)
}

/** The server under test: its endpoints, its capabilities, and the secrets that must never be shown. */
export class Target {
  /** As the user gave it, without user name and password. */
  readonly name: string
  readonly base: URL
  readonly description: TargetDescription
  readonly tls: TlsOptions
  /** Texts that must not appear in any report. */
  readonly secrets: readonly string[]
  /** Takes the secrets out of reports and messages. */
  readonly redactor: Redactor
  readonly isBare: boolean
  readonly took: string
  /** The process, where the kit has started it. */
  server: RunningServer | undefined
  /** How it closes a WebSocket before anything was sent on it, if it does so at once. */
  hangsUp: string | undefined
  readonly #parts: TargetParts
  readonly #found = new Map<string, string>()
  #agent: Agent | undefined

  constructor(parts: TargetParts) {
    this.#parts = parts
    this.name = parts.name
    this.base = parts.base
    this.description = parts.description
    this.tls = parts.tls
    this.secrets = parts.secrets
    this.redactor = new Redactor(parts.secrets)
    this.isBare = parts.isBare
    this.took = parts.took
  }

  /** The same server with another description. */
  as(description: TargetDescription, took: string): Target {
    const same = new Target({ ...this.#parts, description, took, isBare: false })
    for (const [need, note] of this.#found) same.found(need, note)
    same.server = this.server
    return same
  }

  /** The same server behind a proxy at another origin, which speaks plain HTTP. */
  through(origin: URL): Target {
    const base = new URL(this.base.pathname, origin)
    const description = { ...this.description, target: base.href }
    const moved = new Target({ ...this.#parts, base, description })
    for (const [need, note] of this.#found) moved.found(need, note)
    moved.hangsUp = this.hangsUp
    return moved
  }

  /** @throws RangeError for something that is not in `needs`. */
  ability(need: string): Ability {
    const declared = isDeclared(need, this.description)
    const note = declared === false ? undefined : this.#found.get(need)
    const how = note !== undefined ? 'found' : declared === true ? 'declared' : 'missing'
    return { has: how !== 'missing', how, enable: lineFor(need, this.description), note: note ?? '' }
  }

  /** Adds a capability that was detected by probing. A description that denies it has precedence. */
  found(need: string, note: string): void {
    this.#found.set(need, note)
  }

  /**
   * The address of an endpoint.
   * @throws NoEndpoint if there is none, HookFailed if a template cannot be filled in.
   */
  address(kind: EndpointKind, scope: Scope): Address {
    const endpoint = this.#endpoint(kind)
    const isWebSocket = kind === 'websocket' || kind === 'updates'
    return this.request(endpoint, scope, isWebSocket ? 'ws' : 'http')
  }

  /** The request of a template in the description. @throws HookFailed if it cannot be filled in. */
  request(template: RequestTemplate, scope: Scope, scheme: 'http' | 'ws' = 'http'): Address {
    const values = this.scope(scope)
    const { path, method = 'GET', headers, body } = template
    return {
      url: this.#url(expand(path, values, 'path'), scheme),
      method,
      headers: this.#headers(headers, values),
      body: body === undefined ? undefined : expand(body, values),
    }
  }

  /** The values for templates: the given ones and the environment. */
  scope(scope: Scope): Scope {
    return { ...this.#parts.env, ...scope }
  }

  /** Whether all instances use the same channel at this endpoint, because its address has no value of an instance. */
  isShared(kind: EndpointKind): boolean {
    const { path, headers, body, setup } = this.#endpoint(kind)
    return !/\$\{(channel|nonce)\b/.test(JSON.stringify([path, headers, body, setup]))
  }

  /** The subprotocols that a client offers, unless its header fields already have some. A feed at another path gets none. */
  offer(kind: EndpointKind): readonly string[] {
    const { headers, websocket } = this.description
    const names = Object.keys({ ...headers, ...websocket?.headers }).map((name) => name.toLowerCase())
    const isHere = kind === 'websocket' || (kind === 'updates' && websocket?.updates === true)
    return isHere && !names.includes('sec-websocket-protocol') ? (websocket?.subprotocols ?? []) : []
  }

  /** The requests that open a session at an endpoint. @throws NoEndpoint if there is none. */
  setup(kind: EndpointKind): readonly SetupStep[] {
    return this.#endpoint(kind).setup ?? []
  }

  /** Connects to the target with its TLS options, for undici. */
  get connector(): buildConnector.connector {
    return connectorOf(this.tls)
  }

  /** The agent of the kit's own requests (hooks, sessions, detection); not of the judged ones. */
  get agent(): Agent {
    this.#agent ??= new Agent({ keepAliveTimeout: keepAliveMs, connect: this.connector })
    return this.#agent
  }

  /** Closes the connections that hooks used. The target can be used again afterwards. */
  async close(): Promise<void> {
    const agent = this.#agent
    this.#agent = undefined
    await agent?.destroy()
  }

  /** The described endpoint. @throws NoEndpoint if there is none. */
  #endpoint(kind: EndpointKind): Endpoint {
    const endpoint = this.#described(kind)
    if (endpoint !== undefined) return endpoint
    const need = kind === 'updates' ? 'websocket.updates' : kind === 'publish' ? 'publish.request' : kind
    throw new NoEndpoint(`${this.name} has no ${kind} endpoint: ${lineFor(need, this.description)}`)
  }

  #described(kind: EndpointKind): Endpoint | undefined {
    const { description } = this
    // The polling endpoint can serve for plain requests, because it responds at once.
    if (kind === 'http') return description.http ?? description.polling
    if (kind === 'publish') return this.#publishing()
    if (kind !== 'updates') return description[kind]
    const { websocket } = description
    if (websocket?.updates === undefined || websocket.updates === false) return undefined
    return websocket.updates === true ? websocket : { ...websocket, path: websocket.updates }
  }

  /** The publish request, if publishing is a request. */
  #publishing(): Endpoint | undefined {
    const { publish } = this.description
    if (publish === undefined || !('request' in publish)) return undefined
    const { request, setup = [] } = publish
    return { ...request, setup }
  }

  #url(path: string, scheme: 'http' | 'ws'): URL {
    const isWhole = /^[a-z][a-z0-9+.-]*:\/\//i.test(path)
    const separator = path === '' || /^[/?]/.test(path) ? '' : '/'
    const prefix = this.base.pathname.replace(/\/$/, '')
    const url = new URL(isWhole ? path : this.base.origin + prefix + separator + path)
    const isSecure = url.protocol === 'https:' || url.protocol === 'wss:'
    url.protocol = isSecure ? `${scheme}s:` : `${scheme}:`
    return url
  }

  /** Header fields of the endpoint replace common ones of the same name. */
  #headers(own: Readonly<Record<string, string>> = {}, values: Scope): Address['headers'] {
    const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()))
    const common = Object.entries(this.description.headers ?? {})
    const kept = common.filter(([name]) => !ownNames.has(name.toLowerCase()))
    const fields = [...kept, ...Object.entries(own)].map(([name, value]) => expandField(name, value, values))
    const cookie = values[sessionCookie]
    const hasCookie = fields.some(([name]) => name.toLowerCase() === 'cookie')
    return cookie === undefined || hasCookie ? fields : [...fields, field('cookie', cookie)]
  }
}
