import type { Requirement } from '../chapters/register/requirement.ts'
import type { Entry } from '../wire/transcript.ts'

export type Verdict = 'pass' | 'fail' | 'warn' | 'skip' | 'inconclusive'

/** The result of one instance of a case. A verdict is a value; only a defect of the kit throws. */
export interface Result {
  /** Address of the case: `protocol/chapter/case`. */
  readonly id: string
  /** The parameters as text (`write=byte by byte`); empty for a case without `vary`. */
  readonly instance: string
  readonly params: Readonly<Record<string, unknown>>
  readonly title: string
  /** The title of the chapter. */
  readonly chapter: string
  readonly protocol: string
  readonly level: string
  readonly basis: 'standard' | 'profile'
  readonly requirements: readonly Requirement[]
  readonly verdict: Verdict
  /** Why, in one sentence; empty for a plain pass. */
  readonly reason: string
  /** For `fail` and `warn`: the expected and the observed behaviour. */
  readonly expected: string
  readonly observed: string
  /** The step that decided, with its place in the chapter (`specs/…yaml:12:7`). */
  readonly step: { readonly index: number; readonly verb: string; readonly at: string } | undefined
  /** For `skip`: the line of the target description that would enable the case. */
  readonly enable: string
  /** For a pass: the last thing that was received before the deciding expectation was met; empty otherwise. */
  readonly evidence: string
  /** For a rule about all received bytes that another instance has seen broken: that instance, as `id [instance]`. */
  readonly seenIn?: string
  /** Why it is accepted for now, if a baseline lists it: then it does not count. */
  readonly known?: string
  readonly durationMs: number
  readonly transcript: readonly Entry[]
}

export interface Summary {
  readonly pass: number
  readonly fail: number
  readonly warn: number
  readonly skip: number
  readonly inconclusive: number
}
