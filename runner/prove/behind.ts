import { startFaultProxy } from '../../fixtures/faults/proxy.ts'
import type { Fault } from '../../fixtures/faults/fault.ts'
import { createReferenceServer } from '../../reference-server/index.ts'
import { run } from '../run/run.ts'
import type { Result } from '../run/result.ts'
import type { Case } from '../spec/chapter.ts'
import { Target } from '../target/target.ts'

export interface Bench {
  /** The description of the reference server; its `target` is replaced. */
  readonly described: Target
  readonly concurrency: number
  /** Factor for every bound on time: behind a fault many waits come to their end. */
  readonly slow: number
  readonly seed: string
  readonly signal: AbortSignal
}

/** Nothing is changed: shows that the proxy itself is no deviation. */
export const noFault: Fault = { id: 'no-fault', about: 'Nothing is changed.', breaks: [], touches: [] }

/** Plays cases against a reference server behind a fault. */
export async function* behind(fault: Fault, cases: readonly Case[], bench: Bench): AsyncGenerator<Result> {
  const server = createReferenceServer(fault.reference ?? {})
  const upstream = await server.listen(0)
  try {
    const proxy = await startFaultProxy(upstream, bench.described.description, fault)
    const target = at(bench.described, proxy.url)
    try {
      yield* run({ ...bench, target, cases, full: true })
    } finally {
      await target.close()
      await proxy.close()
    }
  } finally {
    await server.close()
  }
}

/** The described target at another address. */
export function at(described: Target, base: URL): Target {
  const { tls, secrets, description } = described
  return new Target({
    name: base.origin,
    base,
    description: { ...description, target: base.origin },
    tls,
    secrets,
    env: {},
    isBare: false,
    took: '',
  })
}
