import type { Fault } from '../../fixtures/proxy/variant.ts'
import type { Case, Step } from '../chapters/chapter.ts'
import { FaultPlayer } from './fault-player.ts'
import { proves } from './detections.ts'
import { withInstances } from './select-cases.ts'
import type { Catch, Proof } from './proof.ts'
import type { ProveOptions } from './options.ts'
import { forEachConcurrently } from './concurrently.ts'

/** An expectation that can be removed without any fault being missed. */
export interface Survivor {
  readonly case: string
  readonly step: number
  readonly at: string
  readonly verb: string
}

export interface MutateOptions extends ProveOptions {
  readonly proof: Proof
}

interface Mutation {
  readonly entry: Case
  readonly step: Step
}

/** Faults that are tried for one removed step; this bounds the time. */
const mostFaults = 8
const mostInstances = 3

/** Removes each expectation of each case in turn, and returns those whose removal lets no fault pass undetected. */
export async function mutate(options: MutateOptions): Promise<Survivor[]> {
  const expects = new Set(options.verbs.filter(({ expects: does }) => does).map(({ name }) => name))
  const mutations = options.cases.flatMap((entry) =>
    expectations(entry, expects).map((step): Mutation => ({ entry, step })),
  )
  const player = new FaultPlayer(options)
  const survivors: Survivor[] = []
  let done = 0
  try {
    await forEachConcurrently(mutations, options.atOnce, options.signal, async (mutation) => {
      if (!(await isNeeded(mutation, player, options))) survivors.push(survivorOf(mutation))
      options.onProgress(++done, mutations.length, `without a step: ${mutation.entry.id}`)
    })
  } finally {
    await player.close()
  }
  return survivors.toSorted((a, b) => a.case.localeCompare(b.case) || a.step - b.step)
}

const expectations = (entry: Case, expects: ReadonlySet<string>): Step[] =>
  (entry.instances[0]?.steps ?? []).filter(({ verb, given }) => !given && expects.has(verb))

const survivorOf = ({ entry, step }: Mutation): Survivor => ({
  case: entry.id,
  step: step.index,
  at: `${step.place.file}:${step.place.line}:${step.place.column}`,
  verb: step.verb,
})

/** Whether a fault that this step has caught is not caught without the step. */
async function isNeeded(
  { entry, step }: Mutation,
  player: FaultPlayer,
  options: MutateOptions,
): Promise<boolean> {
  const caught = options.proof.catches.filter(
    (one) => proves(one) && one.case === entry.id && one.step === step.index,
  )
  for (const [id, instances] of [...byFault(caught)].slice(0, mostFaults)) {
    const fault = options.faults.find((one) => one.id === id)
    if (fault !== undefined && (await isUndetected(fault, without(entry, step, instances), player)))
      return true
  }
  return false
}

async function isUndetected(fault: Fault, mutant: Case, player: FaultPlayer): Promise<boolean> {
  const { results, defects } = await player.play(fault, [mutant])
  if (defects.length > 0) return false
  return results.some(({ verdict }) => verdict !== 'fail' && verdict !== 'warn')
}

function without(entry: Case, step: Step, instances: ReadonlySet<string>): Case {
  const selected = withInstances(entry, ({ name }) => instances.has(name))
  return {
    ...selected,
    instances: selected.instances
      .slice(0, mostInstances)
      .map((one) => ({ ...one, steps: one.steps.filter(({ index }) => index !== step.index) })),
  }
}

function byFault(caught: readonly Catch[]): Map<string, Set<string>> {
  const faults = new Map<string, Set<string>>()
  for (const { fault, instance } of caught) faults.set(fault, (faults.get(fault) ?? new Set()).add(instance))
  return faults
}
