import type { Static, TSchema } from '@sinclair/typebox'
import type { VerbShape } from '../../chapters/chapter.ts'
import type { Play } from '../stage/play.ts'
import type { Outcome } from './outcome.ts'

/** One arrow of a sequence diagram; `none` is a remark at the actor, without an arrow. */
export interface Arrow {
  readonly actor: string
  readonly towards: 'target' | 'kit' | 'none'
  readonly text: string
}

/** A verb of the case language: its schema, its execution, and its arrows in a diagram. */
export interface Verb extends VerbShape {
  /** Keys of the arguments whose lists hold demands that all must be met; other lists hold alternatives. */
  readonly demandsEach?: readonly string[]
  /** Keys of the arguments of an expectation that say what the kit does, and so demand nothing. */
  readonly stimuli?: readonly string[]
  run(args: unknown, play: Play): Promise<Outcome>
  draw(args: unknown): readonly Arrow[]
}

interface VerbDefinition<S extends TSchema> {
  name: string
  about: string
  schema: S
  expects: boolean
  demandsEach?: readonly string[]
  stimuli?: readonly string[]
  captures?: (args: Static<S>) => string[]
  run: (args: Static<S>, play: Play) => Promise<Outcome> | Outcome
  draw: (args: Static<S>) => readonly Arrow[]
}

/** Makes a verb from its definition. The loader checks the arguments with the schema before the verb runs. */
export function verb<S extends TSchema>(definition: VerbDefinition<S>): Verb {
  const { name, about, schema, expects, demandsEach, stimuli, captures, run, draw } = definition
  return {
    name,
    schema: { ...schema, description: about },
    expects,
    ...(demandsEach === undefined ? {} : { demandsEach }),
    ...(stimuli === undefined ? {} : { stimuli }),
    ...(captures === undefined ? {} : { captures: (args: unknown) => captures(args) }),
    run: async (args, play) => run(args, play),
    draw: (args) => draw(args),
  }
}
