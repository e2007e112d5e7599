import { startVariantProxy } from '../../../fixtures/proxy/proxy.ts'
import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { Result } from '../../run/result.ts'
import { run } from '../../run/run.ts'
import type { Target } from '../../targets/target.ts'

export interface PlaySettings {
  /** Number of instances that are played concurrently behind one variant. */
  readonly concurrency: number
  /** Factor for every time-out: with a fault many waits last until their time-out. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** The results of cases behind one variant. */
export interface VariantResults {
  readonly results: readonly Result[]
  /** Errors in the proxy or the runner; if there are any, the results are unreliable. */
  readonly defects: readonly string[]
}

/** Plays the cases behind a proxy that applies the variant to connections to the server at `upstream`. */
export async function playBehindProxy(
  variant: Fault | Freedom,
  described: Target,
  upstream: URL,
  cases: readonly Case[],
  settings: PlaySettings,
): Promise<VariantResults> {
  const defects: string[] = []
  const describe = 'describe' in variant ? variant.describe : undefined
  const proxy = await startVariantProxy(upstream, described.description, variant, {
    onDefect: (error) => void defects.push(inWords(error)),
  })
  const through = described.through(proxy.url)
  const target = describe === undefined ? through : through.as(describe(through.description), through.took)
  try {
    const played = await playOn(target, variant, cases, settings)
    return { ...played, defects: [...defects, ...played.defects] }
  } finally {
    await target.close()
    await proxy.close()
  }
}

/** Plays the cases on a target that is, or has, the variant. */
export async function playOn(
  target: Target,
  variant: Fault | Freedom,
  cases: readonly Case[],
  settings: PlaySettings,
): Promise<VariantResults> {
  const results: Result[] = []
  // With a fault a time-out is the expected result, so it is judged even on an overloaded machine.
  const isFaulty = 'breaks' in variant && variant.breaks.length > 0
  const patience = isFaulty ? { isOverloaded: () => false } : {}
  try {
    for await (const result of run({ ...settings, ...patience, target, cases, full: true }))
      results.push({ ...result, transcript: [] })
    return { results, defects: [] }
  } catch (error) {
    return { results, defects: [inWords(error)] }
  }
}

const inWords = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
