import { cookiesOf, readFrom, type FullResponse } from '../cursor.ts'
import { HookFailed } from '../errors/hook-failed.ts'
import { beginning } from '../errors/text.ts'
import { sendOwnRequest, type Watch } from '../request.ts'
import type { SetupStep } from '../description/schema.ts'
import { sessionCookie, type Target } from '../target.ts'
import type { Address, EndpointKind } from '../address.ts'
import type { Scope } from '../description/template.ts'
import { reasonOf, withoutSecrets } from '../errors/unreachable.ts'

/** Cookies by host (RFC 6265 section 5.4, as far as a session of a few requests needs it). */
type Jar = Map<string, Map<string, string>>

/** The state of a session while its steps are played. */
interface Session {
  readonly target: Target
  readonly jar: Jar
  readonly signal: AbortSignal
  readonly watch: Watch | undefined
}

/**
 * Makes the requests that open a session at an endpoint, in order. Resolves to `scope` with the values that they
 * captured and with their cookies, which `Target.address` sends.
 * @throws HookFailed if a request gets no response before `signal` aborts, gets an error, or does not give
 * what is to be captured.
 */
export async function openSession(
  target: Target,
  kind: EndpointKind,
  scope: Scope,
  signal: AbortSignal,
  watch?: Watch,
): Promise<Scope> {
  const steps = target.setup(kind)
  if (steps.length === 0) return scope
  const session: Session = { target, jar: new Map(), signal, watch }
  let values = scope
  for (const [index, step] of steps.entries()) {
    values = await play(session, step, values, `${kind} setup, step ${index + 1}`)
  }
  const cookie = cookieFor(session.jar, target.address(kind, values).url)
  return cookie === undefined ? values : { ...values, [sessionCookie]: cookie }
}

async function play(session: Session, step: SetupStep, scope: Scope, name: string): Promise<Scope> {
  const address = withCookies(session.jar, session.target.request(step.request, scope))
  const what = `${name} (${address.method} ${withoutSecrets(address.url)})`
  const done = session.watch?.(what)
  const response = await responseTo(session, address, what)
  done?.(`got ${response.status}`)
  keepCookies(session.jar, address.url, response)
  const captures = Object.entries(step.capture ?? {}).map(([capture, from]) => {
    const value = readFrom(from, response)
    if (value !== undefined) return [capture, value] as const
    throw new HookFailed(
      `${what}: "${capture}" is not in the response: ${JSON.stringify(from)}, got ${shown(response)}`,
    )
  })
  return { ...scope, ...Object.fromEntries(captures) }
}

async function responseTo(
  { target, signal }: Session,
  address: Address,
  what: string,
): Promise<FullResponse> {
  try {
    const response = await sendOwnRequest(target, address, signal)
    if (response.status < 400) return response
    throw new HookFailed(`${what}: wanted a status below 400, got ${shown(response)}`)
  } catch (error) {
    throw error instanceof HookFailed
      ? error
      : new HookFailed(`${what}: ${reasonOf(error)}`, { cause: error })
  }
}

const shown = ({ status, body }: FullResponse): string => `${status} ${beginning(body)}`

function keepCookies(jar: Jar, { hostname }: URL, { headers }: FullResponse): void {
  const cookies = jar.get(hostname) ?? new Map<string, string>()
  for (const [name, value] of cookiesOf(headers)) cookies.set(name, value)
  jar.set(hostname, cookies)
}

function cookieFor(jar: Jar, { hostname }: URL): string | undefined {
  const cookies = [...(jar.get(hostname) ?? [])]
  return cookies.length === 0 ? undefined : cookies.map(([name, value]) => `${name}=${value}`).join('; ')
}

function withCookies(jar: Jar, address: Address): Address {
  const cookie = cookieFor(jar, address.url)
  const hasCookie = address.headers.some(([name]) => name.toLowerCase() === 'cookie')
  return cookie === undefined || hasCookie
    ? address
    : { ...address, headers: [...address.headers, ['cookie', cookie]] }
}
