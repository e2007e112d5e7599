import type { Fault, Freedom } from '../../../fixtures/proxy/variant.ts'
import { faults } from '../../../fixtures/faults/index.ts'
import { freedoms } from '../../../fixtures/freedoms/index.ts'
import { startVariantProxy } from '../../../fixtures/proxy/proxy.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { ReachedTarget } from '../../reach/reach.ts'

/** The fault of the kit, or of `own`, with this name. @throws UsageError with the nearest name. */
export function faultNamed(name: string, own: readonly Fault[] = []): Fault {
  const all = [...faults, ...own]
  const fault = all.find(({ id }) => id === name)
  if (fault !== undefined) return fault
  const ids = all.map(({ id }) => id)
  throw new UsageError(
    `there is no fault "${name}"${didYouMean(name, ids)}; "pushspec prove --list" lists all`,
  )
}

export const faultsNamed = (
  names: readonly string[] | undefined,
  own: readonly Fault[] = [],
): readonly Fault[] =>
  names === undefined ? [...faults, ...own] : names.map((name) => faultNamed(name, own))

/** The freedoms with these names; without names all. @throws UsageError with the nearest name. */
export const freedomsNamed = (names: readonly string[] | undefined): readonly Freedom[] =>
  names === undefined ? freedoms : names.map(freedomNamed)

/** @throws UsageError with the nearest name. */
export function freedomNamed(name: string): Freedom {
  const freedom = freedoms.find(({ id }) => id === name)
  if (freedom !== undefined) return freedom
  const near = didYouMean(
    name,
    freedoms.map(({ id }) => id),
  )
  throw new UsageError(`there is no freedom "${name}"${near}; "pushspec prove --list" lists all`)
}

/** Reports a defect of the fault proxy; observations after it say nothing about the target. */
export const reportProxyDefect =
  (io: Io) =>
  (error: unknown): void =>
    void io.stderr.write(`defect in the proxy that adds the fault: ${String(error)}\n`)

/**
 * The fault with this name, if any. `what` is the target; undefined for the reference server.
 * @throws UsageError for a fault inside the reference server with another target.
 */
export function applicableFault(what: string | undefined, name: string | undefined): Fault | undefined {
  const fault = name === undefined ? undefined : faultNamed(name)
  if (fault !== undefined && what !== undefined && fault.reference !== undefined)
    throw new UsageError(
      `the fault ${fault.id} is inside the reference server: it cannot be added to another server`,
    )
  return fault
}

/** The same target, reached through a proxy that adds the fault. */
export async function putBehindFault(reached: ReachedTarget, fault: Fault, io: Io): Promise<ReachedTarget> {
  const { target, name } = reached
  const { base, description } = target
  const proxy = await startVariantProxy(base, description, fault, { onDefect: reportProxyDefect(io) })
  const behind = target.through(proxy.url)
  const close = async (): Promise<void> => {
    await behind.close()
    await proxy.close()
    await reached.close()
  }
  return { target: behind, name: `${name}, behind ${fault.id}`, close }
}
