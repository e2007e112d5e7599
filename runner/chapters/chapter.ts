import type { TSchema } from '@sinclair/typebox'
import type { Place } from '../documents/problems.ts'
import type { Requirement } from './register/requirement.ts'

/** A verb of the case language, as far as loading a chapter needs it. */
export interface VerbShape {
  readonly name: string
  readonly schema: TSchema
  /** It is an expectation: it looks at the target, it does nothing to it. */
  readonly expects: boolean
  /** The names that later steps may use once this step has run. */
  captures?(args: unknown): string[]
}

export interface Step {
  readonly verb: string
  readonly args: unknown
  /** An expectation that only sets the scene: if it does not hold, the case could not be judged. */
  readonly given: boolean
  readonly place: Place
  /** From 0. */
  readonly index: number
}

/** A case with one combination of its parameters put in. */
export interface Instance {
  /** `write=whole, size=3`; empty for a case without `vary`. */
  readonly name: string
  readonly params: Record<string, unknown>
  readonly also: readonly string[]
  /** What this instance proves: those of the case, with the parameters put in. */
  readonly proves: readonly Requirement[]
  /** What this instance needs of the target. */
  readonly needs: readonly string[]
  readonly steps: readonly Step[]
}

export type Level = 'MUST' | 'SHOULD' | 'MAY'
export type Basis = 'standard' | 'profile'

/** What a case says of the chapter that it is in. */
export interface ChapterHead {
  readonly title: string
  readonly protocol: string
  /** The file, as messages show it. */
  readonly file: string
  readonly about: string
  /** Folder and file: `long-polling/holding`. */
  readonly address: string
}

export interface Case {
  /** Folder, file and entry: `long-polling/holding/released-on-update`. */
  readonly id: string
  readonly chapter: ChapterHead
  /** The folder: `server-sent-events`. */
  readonly protocol: string
  readonly title: string
  readonly about: string
  /** What any of its instances proves. */
  readonly proves: readonly Requirement[]
  readonly level: Level
  readonly basis: Basis
  /** What each of its instances needs of the target. */
  readonly needs: readonly string[]
  /** What only some of its instances need. */
  readonly needsOfSome: readonly string[]
  /** It runs while nothing else does. */
  readonly alone: boolean
  /** It runs only with `--full`. */
  readonly full: boolean
  readonly place: Place
  readonly instances: readonly Instance[]
}

/** What a case needs of the target, as it is told to a reader. */
export function describeNeeds({ needs, needsOfSome }: Pick<Case, 'needs' | 'needsOfSome'>): string {
  const some = needsOfSome.length === 0 ? '' : `by instance: ${needsOfSome.join(', ')}`
  return [needs.join(', '), some].filter((part) => part !== '').join('; ')
}

export interface Chapter extends ChapterHead {
  readonly cases: readonly Case[]
}

/** The folders of chapters, in the order of the documentation. */
export const protocolFolders: readonly string[] = [
  'http',
  'polling',
  'long-polling',
  'server-sent-events',
  'websocket',
  'delivery',
]

/** The folder that a `protocol:` means; one of them has a short name. */
export const protocolFolder = (protocol: string): string =>
  protocol === 'sse' ? 'server-sent-events' : protocol

/** Names that are part of an address. */
export const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/
