import type { TargetDescription } from './schema.ts'
import { type Scope, expand, namesIn } from './template.ts'
import { findTemplates } from './find-templates.ts'

/** Names of header fields and query parameters with credentials. */
const telling = /authorization|cookie|api-?key|token|secret|passw|signature|credential/i

const isSecretName = (name: string): boolean => telling.test(name)

/**
 * Texts that must not appear in any report: values of header fields with credentials, and of all environment variables
 * in templates (except in the address of the target).
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

/** The value; of a credential also the part after its scheme, and of cookies also each value without its name. */
function withParts(value: string): string[] {
  const credential = /^[A-Za-z][\w-]* +(\S.*)$/.exec(value)?.[1]
  const cookies = [...value.matchAll(/(?:^|; *)[^=; ]+=([^;]{8,})/g)].map(([, cookie]) => cookie ?? '')
  return [value, ...(credential === undefined ? [] : [credential]), ...cookies]
}

/** The secrets in a URL: its password, and query parameters with the name of a credential. */
export function secretsOfUrl(url: URL): string[] {
  const parameters = [...url.searchParams].filter(([name]) => isSecretName(name)).map(([, value]) => value)
  return [url.password, decoded(url.password), ...parameters].filter((text) => text !== '')
}

/** The Basic credentials of a URL (RFC 7617 section 2); undefined if it has none. */
export function basicCredentials(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  return `Basic ${Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64')}`
}

/** A part of a URL without its percent-encoding; unchanged if the encoding is invalid. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
