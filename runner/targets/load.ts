import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { schemaProblems } from '../documents/schema-check.ts'
import { YamlDocument } from '../documents/yaml-document.ts'
import { InputError, type Problem } from '../documents/problems.ts'
import { basicCredentials, secretsOf, secretsOfUrl } from './description/secrets.ts'
import { TargetDescription } from './description/schema.ts'
import { Target } from './target.ts'
import {
  environmentScope,
  expand,
  literal,
  namesIn,
  type Scope,
  templateProblems,
} from './description/template.ts'
import { reasonOf, withoutSecrets } from './errors/unreachable.ts'
import { validate } from './description/validate.ts'
import { findTemplates } from './description/find-templates.ts'

export interface LoadOptions {
  /** Header fields for every request, in addition to those of the description; they are not templates. */
  readonly headers?: readonly (readonly [name: string, value: string])[]
  /** Do not check certificates. */
  readonly insecure?: boolean
  /** A file with certificates to trust (PEM). */
  readonly ca?: string
  /** A command that starts the server, and the path that responds with 2xx when it is ready. */
  readonly start?: string
  readonly ready?: string
  /** An address to use instead of the one in the file. */
  readonly target?: string
  /** Where `${env.NAME}` comes from (default: the environment of this process). */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** The given target is invalid; unlike in a file, there is no line to point at. */
export class NotATarget extends InputError {
  constructor(text: string) {
    super([{ place: { file: 'target', line: 1, column: 1 }, text }])
    this.message = text
  }
}

/** A description, and `fail`, which makes the error for one of its members. */
interface Draft {
  readonly name: string
  readonly description: TargetDescription
  /** Paths in the description are relative to this folder. */
  readonly folder: string
  readonly fail: (path: readonly string[], text: string) => InputError
}

/**
 * Loads a target from a URL (http, https, ws, wss) or the path of a target description. A target that `isBare` must be
 * detected next (see `detectTechnique`).
 * @throws InputError with all problems.
 */
export async function loadTarget(what: string, options: LoadOptions = {}): Promise<Target> {
  const env = environmentScope(options.env ?? process.env)
  const draft = isUrl(what) ? urlDraft(what, env) : await fileDraft(what, env)
  return finish({ ...draft, description: withOptions(draft.description, options) }, options, env)
}

/** Whether the text begins with a scheme; any other text is a file name. */
export const isUrl = (what: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(what)

function urlDraft(what: string, env: Scope): Draft {
  const problems = templateProblems(what, ['channel', 'nonce'], env)
  if (problems.length > 0) throw new NotATarget(`${withoutSecrets(what)}: ${problems.join(', ')}`)
  const fail = (_path: readonly string[], text: string): InputError => new NotATarget(text)
  return { name: shownUrl(what), description: { target: what }, folder: process.cwd(), fail }
}

/** A URL without its secrets. */
function shownUrl(what: string): string {
  const bare = withoutSecrets(what)
  if (!URL.canParse(what)) return bare
  return secretsOfUrl(new URL(what)).reduce(
    (text, secret) => text.replaceAll(encodeURIComponent(secret), '…').replaceAll(secret, '…'),
    bare,
  )
}

async function fileDraft(what: string, env: Scope): Promise<Draft> {
  const source = await readSource(what)
  // Further checks need a description that satisfies the schema.
  const description = formed(source)
  const problems = validate(description, source, env)
  if (problems.length > 0) throw new InputError(problems)
  const fail = (path: readonly string[], text: string): InputError =>
    new InputError([problemAt(source, path, text)])
  return { name: what, description, folder: dirname(resolve(what)), fail }
}

/** The description in a file. @throws InputError with all violations of the schema. */
function formed(source: YamlDocument): TargetDescription {
  const { value } = source
  const problems = schemaProblems(TargetDescription, source)
  if (problems.length > 0 || !Value.Check(TargetDescription, value)) throw new InputError(problems)
  return value
}

const problemAt = (source: YamlDocument, path: readonly string[], text: string): Problem =>
  source.problem(path, text, 'value')

async function readSource(what: string): Promise<YamlDocument> {
  try {
    return await YamlDocument.read(what)
  } catch (error) {
    if (error instanceof InputError && looksLikeAddress(what))
      throw new NotATarget(
        `"${withoutSecrets(what)}" is neither a file nor a URL: write http://${what} or ws://${what}`,
      )
    if (error instanceof InputError && error.message.endsWith('there is no such file'))
      throw new NotATarget(
        `${what}: there is no such file. A target is a URL (http, https, ws, wss) or a target description (YAML)`,
      )
    throw error
  }
}

/** An address without a scheme: `localhost`, `127.0.0.1:8080`, `example.org:8080/echo`, `[::1]:8080`. */
const looksLikeAddress = (what: string): boolean =>
  /^(localhost|\d+(\.\d+){3}|[\w.-]+:\d+|\[[\da-f:]+\](:\d+)?)([/?]|$)/i.test(what)

function withOptions(description: TargetDescription, options: LoadOptions): TargetDescription {
  const { headers = [], start, ready, target } = options
  const added = Object.fromEntries(headers.map(([name, value]) => [name, literal(value)]))
  const command = start ?? description.start?.command
  if (ready !== undefined && command === undefined)
    throw new NotATarget('--ready says when a server is ready that --start starts')
  return {
    ...description,
    ...(target === undefined ? {} : { target }),
    headers: replaced(description.headers ?? {}, added),
    ...(command === undefined
      ? {}
      : {
          start: { ...description.start, command, ...(ready === undefined ? {} : { ready: literal(ready) }) },
        }),
  }
}

type Headers = Readonly<Record<string, string>>

function replaced(headers: Headers, by: Headers): Record<string, string> {
  const names = new Set(Object.keys(by).map((name) => name.toLowerCase()))
  const kept = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...by }
}

async function finish(draft: Draft, options: LoadOptions, env: Scope): Promise<Target> {
  const written = draft.description.target
  const url = targetUrl(draft, env)
  assertRestart(draft)
  const { description, isBare } = atBase(withFolder(withCredentials(draft, url)), url, written)
  const used = usedOf(env, description)
  assertUrls(draft, description, used)
  return new Target({
    name: draft.name,
    base: new URL(description.target),
    description,
    tls: await tlsOf(draft, options),
    secrets: [...new Set([...secretsOf(description, used), ...secretsOfUrl(url)])],
    env: used,
    isBare,
    took: '',
  })
}

/** Without a request or command, `restart` restarts the process that the kit has started. */
function assertRestart({ description: { restart, start }, fail }: Draft): void {
  if (restart === undefined || start !== undefined) return
  if (restart.request !== undefined || restart.command !== undefined) return
  throw fail(['restart'], '"restart" needs a "request", a "command", or a server that --start starts')
}

/** Only the variables that a template names, so that no other can be sent. */
function usedOf(env: Scope, description: TargetDescription): Scope {
  const names = new Set(findTemplates(description).flatMap(({ text }) => namesIn(text)))
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.has(name)))
}

function targetUrl({ description: { target }, fail }: Draft, env: Scope): URL {
  const shown = JSON.stringify(withoutSecrets(target))
  // In a bare URL these are placeholders for each instance; any values will do here.
  const text = expand(target, { ...env, channel: 'channel', nonce: 'nonce' })
  if (!isUrl(text))
    throw fail(['target'], `a target begins with http://, https://, ws:// or wss://, got ${shown}`)
  if (!/^(http|ws)s?:/i.test(text)) throw fail(['target'], `a target is http, https, ws or wss, got ${shown}`)
  if (!URL.canParse(text)) throw fail(['target'], `${shown} is not a URL`)
  return new URL(text)
}

/** User name and password of the URL become a header field of every request. */
function withCredentials(draft: Draft, url: URL): Draft {
  const credentials = basicCredentials(url)
  if (credentials === undefined) return draft
  const headers = replaced({ authorization: literal(credentials) }, draft.description.headers ?? {})
  return { ...draft, description: { ...draft.description, headers } }
}

/** Resolves `start.cwd` relative to the description. */
function withFolder(draft: Draft): Draft {
  const { start } = draft.description
  if (start?.cwd === undefined) return draft
  return {
    ...draft,
    description: { ...draft.description, start: { ...start, cwd: resolve(draft.folder, start.cwd) } },
  }
}

const endpointNames = ['http', 'polling', 'long-polling', 'sse', 'websocket'] as const

/** Separates the base URL from the endpoints; without endpoints, the URL itself becomes the endpoint. */
function atBase(
  draft: Draft,
  url: URL,
  written: string,
): { description: TargetDescription; isBare: boolean } {
  const { description, fail } = draft
  const root = `${url.protocol}//${url.host}`
  if (endpointNames.some((name) => description[name] !== undefined)) {
    if (url.search !== '' || url.hash !== '')
      throw fail(['target'], 'a base URL has neither query nor # part')
    return { description: { ...description, target: root + url.pathname.replace(/\/$/, '') }, isBare: false }
  }
  const path = pathOf(written)
  if (url.protocol.startsWith('ws'))
    return { description: { ...description, target: root, websocket: { path } }, isBare: false }
  return { description: { ...description, target: root, http: { path } }, isBare: true }
}

/** DocumentPath and query as they were written, so that a `${channel}` in them remains a template. */
function pathOf(url: string): string {
  const path = url.replace(/^[^:]+:\/\/(?:\$\{[^}]*\}|[^/?#])*/, '').replace(/#.*$/, '')
  return path.startsWith('/') ? path : `/${path}`
}

/** Every path must make a URL, whatever the values are. */
function assertUrls({ fail }: Draft, description: TargetDescription, env: Scope): void {
  for (const { text, path, names, kind } of findTemplates(description)) {
    if (kind !== 'path' || !isUrl(text)) continue
    const values = Object.fromEntries(names.map((name) => [name, 'x']))
    if (!URL.canParse(expand(text, { ...env, ...values }, 'path')))
      throw fail(path.map(String), `"${text}" is not a URL`)
  }
}

async function tlsOf({ description, folder, fail }: Draft, options: LoadOptions): Promise<Target['tls']> {
  const { ca, insecure = false, servername } = description.tls ?? {}
  const file =
    options.ca === undefined ? (ca === undefined ? undefined : resolve(folder, ca)) : resolve(options.ca)
  const refuse = (text: string): InputError =>
    options.ca === undefined ? fail(['tls', 'ca'], text) : new NotATarget(`--ca: ${text}`)
  return {
    ...(file === undefined ? {} : { ca: await certificates(file, refuse) }),
    rejectUnauthorized: !(options.insecure ?? insecure),
    ...(servername === undefined ? {} : { servername }),
  }
}

async function certificates(file: string, refuse: (text: string) => InputError): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw refuse(`the certificates cannot be read: ${reasonOf(error)}`)
  })
  if (!text.includes('-----BEGIN')) throw refuse('the file holds no certificate (PEM)')
  return text
}
