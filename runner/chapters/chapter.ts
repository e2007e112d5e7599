import type { TSchema } from '@sinclair/typebox'
import type { Place } from '../documents/problems.ts'
import type { Requirement } from './register/requirement.ts'

/** The part of a verb that is needed to load chapters. */
export interface VerbShape {
  readonly name: string
  readonly schema: TSchema
  /** The verb is an expectation: it checks the target and does not act on it. */
  readonly expects: boolean
  /** The names that this step defines for later steps. */
  captures?(args: unknown): string[]
}

export interface Step {
  readonly verb: string
  readonly args: unknown
  /** The expectation is a precondition: if it is not met, the case is inconclusive. */
  readonly given: boolean
  readonly place: Place
  /** Index in the case, from 0. */
  readonly index: number
}

/** A case with one combination of values for its parameters. */
export interface Instance {
  /** `write=whole, size=3`; empty for a case without `vary`. */
  readonly name: string
  readonly params: Record<string, unknown>
  readonly also: readonly string[]
  /** The requirements that this instance proves. */
  readonly proves: readonly Requirement[]
  /** The capabilities of the target that this instance needs. */
  readonly needs: readonly string[]
  readonly steps: readonly Step[]
}

export type Level = 'MUST' | 'SHOULD' | 'MAY'
export type Basis = 'standard' | 'profile'

/** The properties of a chapter without its cases. */
export interface ChapterHead {
  readonly title: string
  readonly protocol: string
  /** The path of the file in messages. */
  readonly file: string
  readonly about: string
  /** Folder and file: `long-polling/holding`. */
  readonly address: string
}

export interface Case {
  /** Folder, file and id in the file: `long-polling/holding/released-on-update`. */
  readonly id: string
  readonly chapter: ChapterHead
  /** The folder: `server-sent-events`. */
  readonly protocol: string
  readonly title: string
  readonly about: string
  /** The requirements that at least one instance proves. */
  readonly proves: readonly Requirement[]
  readonly level: Level
  readonly basis: Basis
  /** The capabilities of the target that all instances need. */
  readonly needs: readonly string[]
  /** The capabilities that only some instances need. */
  readonly needsOfSome: readonly string[]
  /** The case runs while no other case runs. */
  readonly alone: boolean
  /** The case runs only with `--full`. */
  readonly full: boolean
  readonly place: Place
  readonly instances: readonly Instance[]
}

/** Describes the needs of a case. */
export function describeNeeds({ needs, needsOfSome }: Pick<Case, 'needs' | 'needsOfSome'>): string {
  const some = needsOfSome.length === 0 ? '' : `by instance: ${needsOfSome.join(', ')}`
  return [needs.join(', '), some].filter((part) => part !== '').join('; ')
}

export interface Chapter extends ChapterHead {
  readonly cases: readonly Case[]
}

/** The folders with chapters, in the order of the documentation. */
export const protocolFolders: readonly string[] = [
  'http',
  'polling',
  'long-polling',
  'server-sent-events',
  'websocket',
  'delivery',
]

/** The folder of the value of `protocol:`, where `sse` is short for `server-sent-events`. */
export const protocolFolder = (protocol: string): string =>
  protocol === 'sse' ? 'server-sent-events' : protocol

/** The syntax of names in addresses. */
export const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/
