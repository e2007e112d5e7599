import { runCommand } from '../process/run-command.ts'
import { HookFailed, HookRefused, UpdateTooLarge } from '../errors/hook-failed.ts'
import { beginning } from '../errors/text.ts'
import { sendOwnRequest, type Watch } from '../request.ts'
import { adviceFor, statusLine } from '../errors/unexpected-response.ts'
import type { Publish, RequestTemplate } from '../description/schema.ts'
import { openSession } from './session.ts'
import type { Target } from '../target.ts'
import type { Scope } from '../description/template.ts'
import { reasonOf, withoutSecrets } from '../errors/unreachable.ts'
import { sendMessage } from './websocket.ts'

/** An update to publish. `type` and `id` are for event streams; the target chooses them if they are absent. */
export interface Update {
  readonly channel: string
  readonly data: string
  readonly type?: string
  readonly id?: string
  readonly nonce: string
}

/** The target has accepted an update. */
export interface PublishReceipt {
  readonly how: 'request' | 'command' | 'websocket'
  /** Status of the response to the request. */
  readonly status: number | undefined
  /** When the hook was begun and when it was done, on the clock of `performance.now()`, in milliseconds. */
  readonly begunAt: number
  readonly doneAt: number
}

/**
 * Makes the target publish an update, through the hook of its description.
 * @throws HookFailed if there is no hook, if it fails, or when `signal` aborts: it is what bounds the hook.
 */
export async function publish(
  target: Target,
  update: Update,
  signal: AbortSignal,
  watch?: Watch,
): Promise<PublishReceipt> {
  const begunAt = performance.now()
  try {
    const done = await runHook(target, update, signal, watch)
    return { ...done, begunAt, doneAt: performance.now() }
  } catch (error) {
    throw error instanceof HookFailed
      ? error
      : new HookFailed(`publish: ${reasonOf(error)}`, { cause: error })
  }
}

type Done = Pick<PublishReceipt, 'how' | 'status'>

async function runHook(
  target: Target,
  update: Update,
  signal: AbortSignal,
  watch: Watch | undefined,
): Promise<Done> {
  const hook = target.description.publish
  if (hook === undefined) throw new HookFailed(`publish: ${target.ability('publish').enable} is missing`)
  const scope = scopeOf(update)
  if ('request' in hook) {
    const values = { ...(await publisher(target, hook, scope, signal)), ...scope }
    const status = await callHook(target, 'publish', hook.request, values, signal, watch)
    for (const also of hook.also ?? []) await callHook(target, 'publish', also, values, signal, watch)
    return { how: 'request', status }
  }
  if ('command' in hook) {
    const done = watch?.(`runs the command ${[hook.command].flat().join(' ')}`)
    await runCommand('publish', hook.command, target.scope(scope), environment(update), signal)
    done?.('the command has ended')
    return { how: 'command', status: undefined }
  }
  const { path, message } = hook.websocket
  const address = target.request({ path, body: message }, scope, 'ws')
  const done = watch?.(`sends a message over a WebSocket to ${withoutSecrets(address.url)}`)
  await sendMessage(target, address, signal)
  done?.('the message was sent')
  return { how: 'websocket', status: undefined }
}

const publishers = new WeakMap<Target, Map<string, Promise<Scope>>>()

/** The session for all updates of a channel, if the hook has a `setup`. */
function publisher(
  target: Target,
  { setup }: Extract<Publish, { request: unknown }>,
  scope: Scope,
  signal: AbortSignal,
): Promise<Scope> {
  if (setup === undefined) return Promise.resolve({})
  const sessions = publishers.get(target) ?? new Map<string, Promise<Scope>>()
  publishers.set(target, sessions)
  const { channel = '', nonce = '' } = scope
  const client = `${nonce}-publisher`
  const session = sessions.get(channel) ?? openSession(target, 'publish', { ...scope, client }, signal)
  sessions.set(channel, session)
  // After a failure the next update tries again.
  session.catch(() => sessions.delete(channel))
  return session
}

const scopeOf = ({ channel, data, type = '', id = '', nonce }: Update): Scope => ({
  channel,
  data,
  type,
  id,
  nonce,
})

const environment = ({ channel, data, type = '', id = '', nonce }: Update): Scope => ({
  PUSHSPEC_CHANNEL: channel,
  PUSHSPEC_DATA: data,
  PUSHSPEC_TYPE: type,
  PUSHSPEC_ID: id,
  PUSHSPEC_NONCE: nonce,
})

/** The text of an error page without its markup. */
const textOf = (body: string): string =>
  /^\s*<(!doctype )?html/i.test(body)
    ? body
        .replaceAll(/<(title|style|script)\b.*?<\/\1>|<[^>]*>/gis, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
    : body

/**
 * Sends one request of a hook. Resolves to the status, which is 2xx.
 * @throws HookFailed if it is another, or if none comes.
 */
export async function callHook(
  target: Target,
  name: string,
  template: RequestTemplate,
  scope: Scope,
  signal: AbortSignal,
  watch?: Watch,
): Promise<number> {
  const address = target.request(template, scope)
  const done = watch?.(address)
  const what = `${name}: ${address.method} ${withoutSecrets(address.url)}`
  const response = await sendOwnRequest(target, address, signal).catch((error: unknown) => {
    throw new HookFailed(`${what}: ${reasonOf(error)}`, { cause: error })
  })
  done?.(`got ${response.status}`)
  if (response.status >= 200 && response.status <= 299) return response.status
  const advice = adviceFor(response, address.url)
  const said = `wanted a 2xx status, got ${statusLine(response.status)} ${beginning(textOf(response.body))}`
  const message = `${what}: ${said}${advice === '' ? '' : `. ${advice}`}`
  if (response.status === 413) throw new UpdateTooLarge(message)
  throw response.status >= 400 && response.status <= 499 ? new HookRefused(message) : new HookFailed(message)
}
