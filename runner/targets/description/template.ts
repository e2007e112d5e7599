import { HookFailed } from '../errors/hook-failed.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'

/** Values by name: `channel`, `nonce`, the parts of an update, captures of a session, `env.NAME`. */
export type Scope = Readonly<Record<string, string>>

/** Where the text goes: in a path values are percent-encoded, elsewhere they stay as they are. */
export type Encoding = 'raw' | 'path'

const placeholder = /\$\$\{|\$\{([^{}]*)\}/g
const named = /^([A-Za-z_][\w-]*(?:\.[\w-]+)*)(?::(\w+))?$/

const forms: Readonly<Record<string, (value: string) => string>> = {
  json: (value) => JSON.stringify(value),
  url: percentEncoded,
  base64: (value) => Buffer.from(value).toString('base64'),
}

/** One `${name}` or `${name:form}`, as it stands in a template. */
interface Placeholder {
  readonly name: string
  readonly form: string | undefined
}

/**
 * Fills in a template: `${name}`, `${name:json}` (a JSON string with its quotes), `${name:url}` (percent-encoded),
 * `${name:base64}`. `$${` stands for `${` itself.
 * @throws HookFailed if a name has no value.
 */
export function expand(template: string, scope: Scope, encoding: Encoding = 'raw'): string {
  return template.replace(placeholder, (text: string, inner: string | undefined) => {
    if (inner === undefined) return '${'
    const { name, form } = parsed(inner) ?? { name: inner, form: undefined }
    if (!Object.hasOwn(scope, name)) throw new HookFailed(`${text} has no value here`)
    return written(scope[name] ?? '', form, encoding)
  })
}

function written(value: string, form: string | undefined, encoding: Encoding): string {
  const formed = form === undefined ? value : (forms[form]?.(value) ?? value)
  return encoding === 'path' && form !== 'url' ? percentEncoded(formed) : formed
}

/** @throws HookFailed if the text is not well-formed Unicode. */
export function percentEncoded(value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    // Only a surrogate without its partner cannot be encoded.
    throw new HookFailed('a text that is not well-formed Unicode cannot stand in a URL')
  }
}

/**
 * Fills in the value of a header field.
 * @throws HookFailed if the result could be taken for more than one field (RFC 9110 section 5.5).
 */
export function expandField(name: string, template: string, scope: Scope): readonly [string, string] {
  return field(name, expand(template, scope))
}

/** A header field. @throws HookFailed if the value holds CR, LF or NUL. */
export function field(name: string, value: string): readonly [string, string] {
  if (/[\r\n\0]/.test(value)) throw new HookFailed(`the header field ${name} cannot hold CR, LF or NUL`)
  return [name, value]
}

/** The template that gives exactly this text. */
export const literal = (text: string): string => text.replaceAll('${', () => '$${')

function parsed(inner: string): Placeholder | undefined {
  const [, name, form] = named.exec(inner) ?? []
  return name === undefined ? undefined : { name, form }
}

function placeholders(template: string): string[] {
  return [...template.matchAll(placeholder)].map(([, inner]) => inner).filter((inner) => inner !== undefined)
}

/** The names that a template uses, each once. */
export function namesIn(template: string): string[] {
  const names = placeholders(template).map((inner) => parsed(inner)?.name)
  return [...new Set(names.filter((name) => name !== undefined))]
}

/** The end of a message: how to write `${` literally. */
export const escapeHint = ' ($${ stands for ${ itself)'

/** The problems of a template in which only `known` names and the `env.*` of `env` have values. */
export function templateProblems(template: string, known: readonly string[], env: Scope): string[] {
  return placeholders(template).flatMap((inner) => {
    const found = parsed(inner)
    if (found === undefined) return [`"\${${inner}}" is not a name${formHint(inner)}${escapeHint}`]
    const { name, form } = found
    if (form !== undefined && !Object.hasOwn(forms, form))
      return [
        `unknown form "${form}" of \${${name}}${didYouMean(form, Object.keys(forms))}: json, url and base64 are known`,
      ]
    if (name.startsWith('env.')) return missingVariable(name, env)
    return known.includes(name) ? [] : [`unknown name \${${name}}${didYouMean(name, known)}`]
  })
}

/** A hint for a form in another notation, such as `json(data)` or `data | json`. */
function formHint(inner: string): string {
  const form = Object.keys(forms).find((one) => new RegExp(`\\b${one}\\b`, 'i').test(inner))
  return form === undefined ? '' : `: a form stands behind the name, \${name:${form}}`
}

const missingVariable = (name: string, env: Scope): string[] =>
  Object.hasOwn(env, name) ? [] : [`the environment variable ${name.slice('env.'.length)} is not set`]

/** The environment as values of templates: `env.HOME`. */
export function environmentScope(env: Readonly<Record<string, string | undefined>>): Scope {
  const set = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(set.map(([name, value]) => [`env.${name}`, value]))
}
