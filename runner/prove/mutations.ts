import type { TSchema } from '@sinclair/typebox'
import type { Case, Step } from '../chapters/chapter.ts'
import { milliseconds } from '../documents/duration.ts'
import { isValid } from '../documents/schema-check.ts'
import { isMapping } from '../documents/type-guards.ts'
import { ActorName, PayloadText } from '../steps/language/arguments.ts'
import { usualBound } from '../steps/stage/bounds.ts'
import type { Verb } from '../steps/language/verb.ts'

/** Keys and indexes from the arguments of a step to one of their values; empty for the whole step. */
export type Path = readonly (string | number)[]

/** One expectation of a case that demands less: without a key, without an element of a list, or without the whole step. */
export interface Mutation {
  readonly entry: Case
  readonly step: Step
  readonly path: Path
}

/**
 * Every way to take one demand away from the expectations of a case: each step, each key whose value may be left out, and
 * each element of a list whose elements are all demanded. Names of actors demand nothing.
 */
export function mutationsOf(entry: Case, verbs: ReadonlyMap<string, Verb>): Mutation[] {
  const [first] = entry.instances
  return (first?.steps ?? []).flatMap((step) => {
    const verb = verbs.get(step.verb)
    if (verb === undefined || !verb.expects || step.given) return []
    const everyArgs = entry.instances.map(({ steps }) => steps[step.index]?.args)
    const paths = new Map(
      everyArgs.flatMap((args) => removable(args, verb).map((path) => [JSON.stringify(path), path] as const)),
    )
    return [[], ...paths.values()].map((path) => ({ entry, step, path }))
  })
}

/** The mutated case, with only the instances that have something to remove at this path. */
export function mutated({ entry, step, path }: Mutation, isWanted: (instance: string) => boolean): Case {
  const instances = entry.instances
    .filter(({ name, steps }) => isWanted(name) && has(steps[step.index]?.args, path))
    .map((instance) => ({ ...instance, steps: instance.steps.flatMap((one) => weakened(one, step, path)) }))
  return { ...entry, instances }
}

const weakened = (one: Step, { index }: Step, path: Path): Step[] =>
  one.index !== index ? [one] : path.length === 0 ? [] : [{ ...one, args: without(one.args, path) }]

/** The paths of what can be taken away so that the arguments remain valid. */
function removable(args: unknown, verb: Verb): Path[] {
  const { schema, demandsEach = [], stimuli = [] } = verb
  return demands(args, [schema], demandsEach)
    .filter(([key]) => !stimuli.includes(String(key)))
    .filter((path) => isValid(verb.schema, without(args, path), { placeholders: true }))
}

/** The paths below a value; `schemas` are those that may describe it. */
function demands(value: unknown, schemas: readonly TSchema[], each: readonly string[], key = ''): Path[] {
  if (Array.isArray(value)) {
    const elements = partsOf(schemas, 'items')
    return value.flatMap((element, index) => [
      ...(each.includes(key) && value.length > 1 && !namesActor(elements) ? [[index]] : []),
      ...demands(element, elements, each).map((path) => [index, ...path]),
    ])
  }
  if (!isMapping(value) || schemas.some(isPayload)) return []
  return Object.entries(value).flatMap(([name, part]) => {
    const described = partsOf(schemas, name)
    if (namesActor(described) || isGenerousBound(name, part)) return []
    return [[name], ...demands(part, described, each, name).map((path) => [name, ...path])]
  })
}

/** The schemas of one member, or of the `items` of a list, in any of the alternatives. */
const partsOf = (schemas: readonly TSchema[], name: string): TSchema[] =>
  schemas.flatMap((schema): TSchema[] => {
    const alternatives = partsOf((schema['anyOf'] ?? []) as TSchema[], name)
    const properties = (schema['properties'] ?? {}) as Record<string, TSchema>
    const part = name === 'items' && schema['items'] !== undefined ? schema['items'] : properties[name]
    const patterns = Object.values((schema['patternProperties'] ?? {}) as Record<string, TSchema>)
    const own = part === undefined ? patterns : Array.isArray(part) ? part : [part]
    return [...own, ...alternatives]
  })

const namesActor = (schemas: readonly TSchema[]): boolean =>
  schemas.some(
    (schema) =>
      schema.description === ActorName.description ||
      namesActor((schema['anyOf'] ?? []) as TSchema[]) ||
      (schema['items'] !== undefined && namesActor([schema['items']].flat() as TSchema[])),
  )

/** A payload is one value, however it is written. */
const isPayload = ({ anyOf }: TSchema): boolean => anyOf === PayloadText.anyOf

/** A bound that gives the target more time than it has by default demands nothing. */
const isGenerousBound = (key: string, value: unknown): boolean =>
  key === 'within' && typeof value === 'string' && milliseconds(value) >= milliseconds(usualBound)

function has(value: unknown, [key, ...rest]: Path): boolean {
  if (key === undefined) return true
  if (Array.isArray(value)) return typeof key === 'number' && key < value.length && has(value[key], rest)
  return isMapping(value) && key in value && has(value[key], rest)
}

function without(value: unknown, [key, ...rest]: Path): unknown {
  if (Array.isArray(value))
    return rest.length === 0
      ? value.filter((_, index) => index !== key)
      : value.map((element: unknown, index) => (index === key ? without(element, rest) : element))
  if (!isMapping(value) || key === undefined) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) =>
      name !== key ? [[name, part]] : rest.length === 0 ? [] : [[name, without(part, rest)]],
    ),
  )
}
