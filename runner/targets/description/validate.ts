import { milliseconds } from '../../documents/duration.ts'
import { messageOf } from '../errors/text.ts'
import type { Problem } from '../../documents/problems.ts'
import { endingOf, type SetupStep, type TargetDescription } from './schema.ts'
import { type Template, updateNames, findTemplates } from './find-templates.ts'
import { escapeHint, namesIn, type Scope, templateProblems } from './template.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'
import { hasUnclosedPlaceholder, textsIn } from '../../documents/substitute.ts'
import type { DocumentPath, YamlDocument } from '../../documents/yaml-document.ts'

/** A problem at a place of the description. */
interface Fault {
  readonly path: DocumentPath
  readonly text: string
}

/** The problems that a schema cannot detect: in templates, URLs, header names, regular expressions, the size of durations. */
export function validate(description: TargetDescription, source: YamlDocument, env: Scope): Problem[] {
  const templates = findTemplates(description)
  const faults = [
    ...templates.flatMap((template) => templateFaults(template, env)),
    ...templates.flatMap(formFaults),
    ...setupFaults(description),
    ...[...textsIn(description)].flatMap(({ text, path }) => [
      ...patternFaults(text, path),
      ...durationFaults(text, path),
    ]),
    ...shapeFaults(description),
  ]
  return faults.map(({ path, text }) => source.problem(path, text, 'value'))
}

function templateFaults({ text, path, names, kind }: Template, env: Scope): Fault[] {
  if (kind === 'shell') return shellFaults(text, path, names)
  const unclosed = hasUnclosedPlaceholder(text) ? [`a \${ without its }${escapeHint}`] : []
  return [...unclosed, ...templateProblems(text, names, env)].map((problem) => ({ path, text: problem }))
}

/** A shell has its own variables, so only a name that is similar to a known one is reported. */
function shellFaults(text: string, path: DocumentPath, names: readonly string[]): Fault[] {
  const unknown = namesIn(text).filter((name) => !names.includes(name) && didYouMean(name, names) !== '')
  return unknown.map((name) => ({ path, text: `unknown name \${${name}}${didYouMean(name, names)}` }))
}

/** RFC 9110 section 5.6.2: a field name is a token. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/

function formFaults({ text, path, kind }: Template): Fault[] {
  const name = String(path.at(-1))
  if (kind === 'field' && !token.test(name))
    return [{ path, text: `"${name}" cannot be the name of a header field` }]
  if (kind === 'field' && /[\r\n\0]/.test(text))
    return [{ path, text: 'a header field cannot hold a line end' }]
  if (kind !== 'path') return []
  if (text.replaceAll(/\$\{[^{}]*\}/g, '').includes('#'))
    return [{ path, text: 'a path has no # part: write %23 for the character' }]
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
  if (scheme === undefined || /^(http|ws)s?$/i.test(scheme)) return []
  return [{ path, text: `a URL here begins with http, https, ws or wss, got "${scheme}"` }]
}

/** Names that a capture must not replace. */
const reserved: readonly string[] = [...updateNames, 'client']

function setupFaults(description: TargetDescription): Fault[] {
  return (['publish', 'polling', 'long-polling', 'sse', 'websocket'] as const).flatMap((kind) => {
    const described = description[kind]
    const steps = described !== undefined && 'setup' in described ? (described.setup ?? []) : []
    return steps.flatMap((step, index) => captureFaults(step, [kind, 'setup', index, 'capture']))
  })
}

function captureFaults({ capture }: SetupStep, at: DocumentPath): Fault[] {
  return Object.keys(capture ?? {}).flatMap((name) => {
    const path = [...at, name]
    if (reserved.includes(name))
      return [{ path, text: `a capture cannot be called "${name}": that name is taken` }]
    if (/^[A-Za-z_][\w-]*$/.test(name)) return []
    return [{ path, text: `a capture is called by letters, digits, - and _, got "${name}"` }]
  })
}

function patternFaults(text: string, path: DocumentPath): Fault[] {
  if (path.at(-1) !== 'match' || text === 'match') return []
  try {
    RegExp(text, 'm')
    return []
  } catch (error) {
    return [{ path, text: messageOf(error) }]
  }
}

/** Names of the members whose value is a duration. */
const durations: readonly unknown[] = ['within', 'after', 'jitter', 'keepAlive']
const dayMs = 24 * 60 * 60 * 1000

function durationFaults(text: string, path: DocumentPath): Fault[] {
  const isHeader = path.includes('headers') || path.includes('env')
  if (!durations.includes(path.at(-1)) || isHeader || !/^[0-9.]+(ms|s|m)$/.test(text)) return []
  return milliseconds(text) > dayMs ? [{ path, text: `"${text}" is longer than a day` }] : []
}

function shapeFaults(description: TargetDescription): Fault[] {
  const { start, publish } = description
  const faults: Fault[] = [...restartFaults(description)]
  // Fetch, CORS protocol: credentials are for named origins only.
  if (description.sse?.cors?.credentials === true && description.sse.cors.origin === undefined)
    faults.push({
      path: ['sse', 'cors', 'credentials'],
      text: '"credentials" needs the "origin" that may read with them',
    })
  if (start?.within !== undefined && milliseconds(start.within) === 0)
    faults.push({ path: ['start', 'within'], text: '"start.within" must be more than nothing' })
  if (start?.command.trim() === '')
    faults.push({ path: ['start', 'command'], text: '"start.command" is empty' })
  if (publish !== undefined && 'command' in publish && [publish.command].flat()[0]?.trim() === '')
    faults.push({ path: ['publish', 'command'], text: '"publish.command" is empty' })
  const { after, jitter } = endingOf(description) ?? {}
  if (jitter !== undefined && after === undefined)
    faults.push({
      path: ['long-polling', 'timeout', 'jitter'],
      text: '"jitter" says nothing without "after"',
    })
  if (endingOf(description)?.repeats && description['long-polling']?.cursor === undefined)
    faults.push({
      path: ['long-polling', 'timeout', 'repeats'],
      text: '"repeats" needs "cursor": a response with the cursor of the request has no updates',
    })
  return faults
}

function restartFaults({ restart }: TargetDescription): Fault[] {
  if (restart?.request !== undefined && restart.command !== undefined)
    return [{ path: ['restart', 'command'], text: 'a restart is a "request" or a "command", not both' }]
  if (restart?.command !== undefined && [restart.command].flat()[0]?.trim() === '')
    return [{ path: ['restart', 'command'], text: '"restart.command" is empty' }]
  return []
}
