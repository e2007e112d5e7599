import type { DocumentPath } from '../../documents/yaml-document.ts'
import {
  type CursorPart,
  endingOf,
  type RequestTemplate,
  type SetupStep,
  type TargetDescription,
} from './schema.ts'

/** A text of a target description in which `${name}` stands for a value. */
export interface Template {
  readonly text: string
  /** Its place in the description. */
  readonly path: DocumentPath
  /** Names that have a value at this place, besides `env.*`. */
  readonly names: readonly string[]
  /** `shell`: a command line, where the shell has its own `${name}`. */
  readonly kind: 'path' | 'field' | 'text' | 'shell'
}

/** Names with a value for each instance. */
const instanceNames = ['channel', 'nonce'] as const
/** Further names for each client, at endpoints with sessions. */
const clientNames = [...instanceNames, 'client'] as const
/** Further names in a publish hook. */
export const updateNames = ['channel', 'nonce', 'data', 'type', 'id'] as const

const endpointNames = ['http', 'polling', 'long-polling', 'sse', 'websocket'] as const

/** All templates of a description. */
export function findTemplates(description: TargetDescription): Template[] {
  return [
    ...general(description),
    ...endpointNames.flatMap((name) => endpoint(description, name)),
    ...publish(description),
    ...restart(description),
  ]
}

type Headers = Readonly<Record<string, string>> | undefined

function general({ target, headers, start }: TargetDescription): Template[] {
  const ready: Template[] =
    start?.ready === undefined
      ? []
      : [{ text: start.ready, path: ['start', 'ready'], names: [], kind: 'path' }]
  const environment = fields(start?.env, ['start', 'env'], []).map((one) => ({
    ...one,
    kind: 'text' as const,
  }))
  return [
    { text: target, path: ['target'], names: [], kind: 'text' },
    ...fields(headers, ['headers'], instanceNames),
    ...ready,
    ...environment,
  ]
}

function fields(headers: Headers, path: DocumentPath, names: readonly string[]): Template[] {
  return Object.entries(headers ?? {}).map(([name, text]) => ({
    text,
    path: [...path, name],
    names,
    kind: 'field',
  }))
}

function request(template: RequestTemplate, at: DocumentPath, names: readonly string[]): Template[] {
  const { path, headers, body } = template
  return [
    { text: path, path: [...at, 'path'], names, kind: 'path' },
    ...fields(headers, [...at, 'headers'], names),
    ...(body === undefined ? [] : [{ text: body, path: [...at, 'body'], names, kind: 'text' as const }]),
  ]
}

function endpoint(description: TargetDescription, name: (typeof endpointNames)[number]): Template[] {
  const described = description[name]
  if (described === undefined) return []
  const steps = 'setup' in described ? (described.setup ?? []) : []
  const own = name === 'http' ? instanceNames : clientNames
  const names = [...own, ...steps.flatMap(capturesOf)]
  return [
    ...setup(steps, [name, 'setup'], own),
    ...request(described, [name], names),
    ...refused(described, name),
    ...('cursor' in described ? firsts(described.cursor, [name, 'cursor'], names) : []),
    ...longPolling(description, name, names),
    ...updates(description, name, names),
    ...endings(description, name),
  ]
}

const refused = (
  described: NonNullable<TargetDescription[(typeof endpointNames)[number]]>,
  name: string,
): Template[] =>
  'refused' in described && described.refused !== undefined
    ? request(described.refused, [name, 'refused'], instanceNames)
    : []

/** Each step of a setup can use the captures of the steps before it. */
function setup(steps: readonly SetupStep[], at: DocumentPath, own: readonly string[]): Template[] {
  return steps.flatMap((step, index) => {
    const names = [...own, ...steps.slice(0, index).flatMap(capturesOf)]
    return request(step.request, [...at, index, 'request'], names)
  })
}

/** Templates for the cursor of a client's first request. */
function firsts(
  cursor: CursorPart | CursorPart[] | undefined,
  at: DocumentPath,
  names: readonly string[],
): Template[] {
  const parts = Array.isArray(cursor) ? cursor.map((part, index) => ({ part, path: [...at, index] })) : []
  if (cursor !== undefined && !Array.isArray(cursor)) parts.push({ part: cursor, path: [...at] })
  return parts.flatMap(({ part: { first }, path }) =>
    first === undefined ? [] : [{ text: first, path: [...path, 'first'], names, kind: 'text' as const }],
  )
}

const capturesOf = ({ capture }: SetupStep): string[] => Object.keys(capture ?? {})

function longPolling(description: TargetDescription, name: string, names: readonly string[]): Template[] {
  const { 'long-polling': described } = description
  if (name !== 'long-polling' || described === undefined) return []
  const { waiters, answers = [] } = described
  const as = endingOf(description)?.set?.as
  return [
    ...(as === undefined
      ? []
      : [{ text: as, path: [name, 'timeout', 'set', 'as'], names: ['time'], kind: 'text' as const }]),
    ...(waiters === undefined ? [] : request(waiters.request, [name, 'waiters', 'request'], instanceNames)),
    ...answers.flatMap((one, index) => request(one.request, [name, 'answers', index, 'request'], names)),
  ]
}

function endings({ sse }: TargetDescription, name: string): Template[] {
  if (name !== 'sse' || sse === undefined) return []
  const { waiters } = sse
  const counted =
    waiters === undefined ? [] : request(waiters.request, ['sse', 'waiters', 'request'], instanceNames)
  const hooks = (['end', 'finish'] as const).flatMap((hook) => {
    const template = sse[hook]
    return template === undefined ? [] : request(template, ['sse', hook], instanceNames)
  })
  return [...counted, ...hooks]
}

function updates({ websocket }: TargetDescription, name: string, names: readonly string[]): Template[] {
  if (name !== 'websocket' || typeof websocket?.updates !== 'string') return []
  return [{ text: websocket.updates, path: ['websocket', 'updates'], names, kind: 'path' }]
}

function restart({ restart: hook }: TargetDescription): Template[] {
  if (hook === undefined) return []
  return [
    ...(hook.request === undefined ? [] : request(hook.request, ['restart', 'request'], [])),
    ...(hook.command === undefined ? [] : command(hook.command, ['restart', 'command'], [])),
    ...(hook.ready === undefined
      ? []
      : [{ text: hook.ready, path: ['restart', 'ready'], names: [], kind: 'path' as const }]),
  ]
}

function command(
  written: string | readonly string[],
  at: DocumentPath,
  names: readonly string[],
): Template[] {
  if (typeof written === 'string') return [{ text: written, path: at, names, kind: 'shell' }]
  return written.map((text, index) => ({ text, path: [...at, index], names, kind: 'text' }))
}

function publish({ publish: hook }: TargetDescription): Template[] {
  if (hook === undefined) return []
  const names = updateNames
  if ('command' in hook) return command(hook.command, ['publish', 'command'], names)
  if ('request' in hook) {
    const { setup: steps = [], also = [] } = hook
    const all = [...names, 'client', ...steps.flatMap(capturesOf)]
    return [
      ...setup(steps, ['publish', 'setup'], clientNames),
      ...request(hook.request, ['publish', 'request'], all),
      ...also.flatMap((one, index) => request(one, ['publish', 'also', index], all)),
    ]
  }
  return [
    { text: hook.websocket.path, path: ['publish', 'websocket', 'path'], names, kind: 'path' },
    { text: hook.websocket.message, path: ['publish', 'websocket', 'message'], names, kind: 'text' },
  ]
}
