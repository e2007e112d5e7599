import type { Fault } from '../../fixtures/faults/fault.ts'
import type { Case, Step } from '../spec/chapter.ts'
import type { Verb } from '../steps/verb.ts'
import { type Bench, behind } from './behind.ts'
import type { Catch, Proof } from './proof.ts'

/** An expectation that can be taken away without anybody noticing. */
export interface Survivor {
  readonly case: string
  readonly step: number
  readonly at: string
  readonly verb: string
}

export interface MutateOptions extends Bench {
  readonly cases: readonly Case[]
  readonly faults: readonly Fault[]
  readonly verbs: readonly Verb[]
  readonly proof: Proof
  readonly atOnce: number
  readonly onProgress: (done: number, total: number, what: string) => void
}

interface Mutation {
  readonly entry: Case
  readonly step: Step
}

/** Takes away each expectation of each case in turn, and says which nobody missed. */
export async function mutate(options: MutateOptions): Promise<Survivor[]> {
  const expects = new Set(options.verbs.filter(({ expects: does }) => does).map(({ name }) => name))
  const mutations = options.cases.flatMap((entry) =>
    expectations(entry, expects).map((step): Mutation => ({ entry, step })),
  )
  const survivors: Survivor[] = []
  let done = 0
  const waiting = [...mutations]
  const workers = Array.from({ length: options.atOnce }, async () => {
    for (let mutation = waiting.shift(); mutation && !options.signal.aborted; mutation = waiting.shift()) {
      if (!(await missed(mutation, options))) survivors.push(survivorOf(mutation))
      options.onProgress(++done, mutations.length, mutation.entry.id)
    }
  })
  await Promise.all(workers)
  return survivors
}

const expectations = (entry: Case, expects: ReadonlySet<string>): Step[] =>
  (entry.instances[0]?.steps ?? []).filter(({ verb, given }) => !given && expects.has(verb))

const survivorOf = ({ entry, step }: Mutation): Survivor => ({
  case: entry.id,
  step: step.index,
  at: `${step.place.file}:${step.place.line}:${step.place.column}`,
  verb: step.verb,
})

/** Whether some fault that this step has caught goes unnoticed without it. */
async function missed({ entry, step }: Mutation, options: MutateOptions): Promise<boolean> {
  const caught = options.proof.catches.filter(
    (one) => one.related && one.case === entry.id && one.step === step.index,
  )
  for (const [fault, instances] of byFault(caught)) {
    const behindIt = options.faults.find(({ id }) => id === fault)
    if (behindIt === undefined) continue
    const mutant = {
      ...entry,
      instances: entry.instances
        .filter(({ name }) => instances.has(name))
        .slice(0, 3)
        .map((one) => ({ ...one, steps: one.steps.filter(({ index }) => index !== step.index) })),
    }
    for await (const { verdict } of behind(behindIt, [mutant], options))
      if (verdict !== 'fail' && verdict !== 'warn') return true
  }
  return false
}

function byFault(caught: readonly Catch[]): Map<string, Set<string>> {
  const faults = new Map<string, Set<string>>()
  for (const { fault, instance } of caught) faults.set(fault, (faults.get(fault) ?? new Set()).add(instance))
  return faults
}
