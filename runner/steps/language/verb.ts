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
  run(args: unknown, play: Play): Promise<Outcome>
  draw(args: unknown): readonly Arrow[]
}

interface VerbDefinition<S extends TSchema> {
  name: string
  about: string
  schema: S
  expects: boolean
  captures?: (args: Static<S>) => string[]
  run: (args: Static<S>, play: Play) => Promise<Outcome> | Outcome
  draw: (args: Static<S>) => readonly Arrow[]
}

/** Makes a verb from its definition. The loader checks the arguments with the schema before the verb runs. */
export function verb<S extends TSchema>(definition: VerbDefinition<S>): Verb {
  const { name, about, schema, expects, captures, run, draw } = definition
  return {
    name,
    schema: { ...schema, description: about },
    expects,
    ...(captures === undefined ? {} : { captures: (args: unknown) => captures(args) }),
    run: async (args, play) => run(args, play),
    draw: (args) => draw(args),
  }
}
