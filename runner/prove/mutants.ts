import type { Case } from '../chapters/chapter.ts'
import { mutated, type Mutation } from './mutations.ts'
import { withInstances } from './play/select-cases.ts'

/** A mutation that nothing has missed yet, and the catches that may miss it, by fault. */
export interface Open {
  readonly mutation: Mutation
  readonly chances: readonly (readonly [fault: string, instances: ReadonlySet<string>])[]
}

/** One mutated case, under an id of its own, so that several mutations of a case can be played together. */
export interface Turn {
  readonly open: Open
  readonly mutant: Case
}

export function mutantOf({ mutation }: Open, number: number, isWanted: (instance: string) => boolean): Case {
  const entry = mutated(mutation, isWanted)
  return { ...entry, id: `${entry.id}#${number}` }
}

/** The cases that were mutated, each once, with the instances that one of its mutations has. */
export function originalsOf(turns: readonly Turn[]): Case[] {
  const names = new Map<Case, Set<string>>()
  for (const { open, mutant } of turns) {
    const { entry } = open.mutation
    names.set(entry, new Set([...(names.get(entry) ?? []), ...mutant.instances.map(({ name }) => name)]))
  }
  return [...names].map(([entry, wanted]) => withInstances(entry, ({ name }) => wanted.has(name)))
}

/** The mutated case with the instances that these results or catches name. */
export const withNamed = (turn: Turn, named: readonly { readonly instance: string }[]): Turn => ({
  ...turn,
  mutant: withInstances(turn.mutant, ({ name }) => named.some(({ instance }) => instance === name)),
})
