import { basename } from 'node:path'
import type { Fault } from '../../../fixtures/proxy/variant.ts'
import type { Case } from '../../chapters/chapter.ts'
import type { OwnServers } from '../../prove/play/target-player.ts'
import { reach, type ReachedTarget } from '../../reach/reach.ts'
import { isUrl, loadTarget } from '../../targets/load.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { urlOrPath } from '../target-options.ts'

/** The servers that `--target` and `--broken` name: each a URL or the path of a target description. */
export interface OwnServerFlags {
  readonly target?: string
  readonly broken?: readonly string[]
}

/** The faults that the servers of `--broken` are: each may break any rule of the cases. */
export function brokenServers({ broken = [] }: OwnServerFlags, cases: readonly Case[]): Fault[] {
  const breaks = [...new Set(cases.flatMap(({ proves }) => proves.map(({ id }) => id)))]
  return broken.map((what) => ({ id: nameOf(what), about: `The server ${what}.`, breaks, touches: [] }))
}

const nameOf = (what: string): string => (isUrl(what) ? what : basename(what))

/** Servers that accept connections, and what has to be closed after the proof. */
export interface ReachedServers extends OwnServers {
  close(): Promise<void>
}

/** Undefined without `--target`. @throws UsageError, and like `loadTarget` and `reach`. */
export async function reachOwnServers(
  { target: good, broken = [] }: OwnServerFlags,
  io: Io,
  signal: AbortSignal,
): Promise<ReachedServers | undefined> {
  if (good === undefined && broken.length > 0)
    throw new UsageError('--broken needs --target: the server that works')
  if (good === undefined) return undefined
  const names = broken.map(nameOf)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new UsageError(`--broken names two servers "${twice}"`)
  const reached: ReachedTarget[] = []
  const close = async (): Promise<void> => void (await Promise.all(reached.map((one) => one.close())))
  const open = async (what: string): Promise<ReachedTarget['target']> => {
    const loaded = await loadTarget(urlOrPath(what, io), { env: io.env })
    const one = await reach(loaded, { signal, stderr: io.stderr })
    reached.push(one)
    return one.target
  }
  try {
    const first = await open(good)
    const others = new Map<string, ReachedTarget['target']>()
    for (const what of broken) others.set(nameOf(what), await open(what))
    return { good: first, broken: others, close }
  } catch (error) {
    await close()
    throw error
  }
}
