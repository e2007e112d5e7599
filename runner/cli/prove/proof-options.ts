import type { Fault } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import { loadCases, loadOwnCases, loadRequirements, type SelectionSettings } from '../../library/cases.ts'
import { referenceDescription } from '../../package/paths.ts'
import type { ProveOptions } from '../../prove/play/options.ts'
import { verbs } from '../../steps/index.ts'
import { loadTarget } from '../../targets/load.ts'
import { faultsNamed, freedomsNamed } from '../play/faults.ts'
import type { Io } from '../io.ts'
import { loadOwnFaults } from './own-faults.ts'
import { brokenServers, type OwnServerFlags } from './own-servers.ts'

export interface ProveFlags extends SelectionSettings, OwnServerFlags {
  readonly fault?: readonly string[]
  readonly freedom?: readonly string[]
  readonly list: boolean
  readonly sample: number
  readonly slow?: number
  readonly atOnce?: number
  readonly json?: string
  readonly full: boolean
  readonly demands: boolean
  readonly faults: boolean
  readonly freedoms: boolean
}

/** Chapters of one's own are proved alone, unless cases are selected by name. */
const casesFor = (flags: ProveFlags, io: Io): Promise<Case[]> =>
  flags.specs !== undefined && flags.only === undefined
    ? loadOwnCases(flags, io.cwd)
    : loadCases(flags, io.cwd)

type Variants = Pick<ProveOptions, 'faults' | 'freedoms' | 'mustBeDetected'>

/** All faults and freedoms, or only those that are named: with names of one kind, none of the other. */
function variantsFor(flags: ProveFlags, cases: readonly Case[], own: readonly Fault[]): Variants {
  const { fault, freedom } = flags
  const isAll = fault === undefined && freedom === undefined
  const isOwn = flags.specs !== undefined
  const rules = new Set(cases.flatMap(({ proves }) => proves.map(({ id }) => id)))
  // The faults of the kit that break none of the rules of these chapters show nothing about them.
  const kept = (one: Fault): boolean =>
    !isOwn ||
    own.includes(one) ||
    (one.breaks.some((id) => rules.has(id)) && (flags.target === undefined || one.reference === undefined))
  const named = faultsNamed(isAll ? undefined : (fault ?? []), own)
  return {
    faults: flags.faults ? (isAll ? named.filter(kept) : named) : [],
    freedoms:
      flags.freedoms && !(isAll && isOwn)
        ? freedomsNamed(isAll ? undefined : (freedom ?? [])).filter(
            (one) => !isAll || flags.full || !one.full,
          )
        : [],
    mustBeDetected: new Set(own.map(({ id }) => id)),
  }
}

/** On servers of one's own time-outs are not shortened, and nothing is played concurrently that could disturb each other. */
const paceFor = ({ target, slow, atOnce }: ProveFlags): Pick<ProveOptions, 'slow' | 'atOnce'> => ({
  slow: slow ?? (target === undefined ? 0.5 : 1),
  atOnce: atOnce ?? (target === undefined ? 16 : 1),
})

/** @throws InputError, SelectionError or UsageError for what cannot be read or does not exist. */
export async function proofOptions(flags: ProveFlags, io: Io, signal: AbortSignal): Promise<ProveOptions> {
  const cases = await casesFor(flags, io)
  const own = [...(await loadOwnFaults(flags.specs ?? [], io.cwd)), ...brokenServers(flags, cases)]
  return {
    cases,
    ...variantsFor(flags, cases, own),
    ...paceFor(flags),
    verbs,
    described: await loadTarget(referenceDescription),
    requirements: new Set((await loadRequirements(flags, io.cwd)).ids),
    everyCase: [flags.only, flags.skip, flags.level, flags.specs].every((one) => one === undefined),
    everyFault: flags.faults && flags.fault === undefined && flags.freedom === undefined,
    concurrency: 48,
    seed: 'proof',
    full: flags.full,
    everyDemand: flags.demands,
    sample: flags.sample,
    signal,
    onProgress: () => undefined,
  }
}
