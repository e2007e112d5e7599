import type { TargetDescription } from './schema.ts'
import { type Scope, expand, namesIn } from './template.ts'
import { findTemplates } from './find-templates.ts'

/** Names of header fields and query parameters that hold what lets one in. */
const telling = /authorization|cookie|api-?key|token|secret|passw|signature|credential/i

const isSecretName = (name: string): boolean => telling.test(name)

/**
 * Texts that no report may show: values of header fields that let one in, and of all environment variables in
 * templates (but those that say where the target is).
 */
export function secretsOf(description: TargetDescription, env: Scope): string[] {
  const templates = findTemplates(description).filter(({ path }) => path[0] !== 'target')
  const variables = templates.flatMap(({ text }) => namesIn(text).map((name) => env[name]))
  const fields = templates
    .filter(({ kind, path }) => kind === 'field' && isSecretName(String(path.at(-1))))
    .filter(({ text }) => namesIn(text).every((name) => Object.hasOwn(env, name)))
    .flatMap(({ text }) => withParts(expand(text, env)))
  return [...new Set([...variables, ...fields])]
    .filter((text) => text !== undefined)
    .filter((text) => text !== '')
}

/** A credential also without its scheme, and the values of cookies also without their names. */
function withParts(value: string): string[] {
  const credential = /^[A-Za-z][\w-]* +(\S.*)$/.exec(value)?.[1]
  const cookies = [...value.matchAll(/(?:^|; *)[^=; ]+=([^;]{8,})/g)].map(([, cookie]) => cookie ?? '')
  return [value, ...(credential === undefined ? [] : [credential]), ...cookies]
}

/** What a URL holds that lets one in: user name and password, and query parameters whose name says so. */
export function secretsOfUrl(url: URL): string[] {
  const parameters = [...url.searchParams].filter(([name]) => isSecretName(name)).map(([, value]) => value)
  return [url.password, decoded(url.password), ...parameters].filter((text) => text !== '')
}

/** The Basic credentials of a URL (RFC 7617 section 2); undefined if it has none. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  return `Basic ${Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64')}`
}

/** A part of a URL without its percent-encoding; as it is where that is broken. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
