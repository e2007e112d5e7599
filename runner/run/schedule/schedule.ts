import type { Turns } from './channel-lock.ts'

/** A piece of work, and whether it needs something for itself while it runs. */
export interface Task<T> {
  readonly run: () => Promise<T>
  /** Nothing else runs meanwhile. */
  readonly alone: boolean
  /** It is work for this process, not only waiting: few of them at the same time. */
  readonly heavy: boolean
  /** What it wants with a channel that all instances share, if anything. */
  readonly shared: Turns['use'] | undefined
  /** Settles when it has begun to wait for long; the others begin then, and do not hold it up. */
  readonly prepared?: Promise<void> | undefined
}

/** How many heavy ones run side by side. */
const mostHeavy = 3

/** Those that wait long begin first, so that they all wait at the same time; those that run alone come last. */
function order({ alone, heavy, shared }: Task<unknown>): number {
  if (alone) return 4
  if (heavy) return 3
  return shared === 'prepares' ? 0 : shared === 'waits' ? 1 : 2
}

/** Plays tasks side by side, at most `concurrency` at a time. Yields as they end. */
export async function* schedule<T>(
  tasks: readonly Task<T>[],
  concurrency: number,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const inOrder = tasks.toSorted((a, b) => order(a) - order(b))
  const isFirst = ({ prepared, alone }: Task<T>): boolean => prepared !== undefined && !alone
  const waiting = inOrder.filter(isFirst)
  const running = new Map<Promise<unknown>, Task<T>>()
  const ended: { value: T }[] = []
  if (!signal.aborted) start(waiting, running, ended, concurrency)
  const prepared = [...running.values()].flatMap((task) => task.prepared ?? [])
  await Promise.race([Promise.all(prepared), Promise.all(running.keys())])
  waiting.push(...inOrder.filter((task) => !isFirst(task)))
  while (waiting.length > 0 || running.size > 0) {
    if (!signal.aborted) start(waiting, running, ended, concurrency)
    else waiting.length = 0
    if (running.size > 0) await Promise.race(running.keys())
    for (const { value } of ended.splice(0)) yield value
  }
}

function start<T>(
  waiting: Task<T>[],
  running: Map<Promise<unknown>, Task<T>>,
  ended: { value: T }[],
  concurrency: number,
): void {
  for (let index = 0; index < waiting.length && running.size < concurrency;) {
    const task = waiting[index]
    if (task === undefined || !mayStart(task, [...running.values()])) {
      if (task?.alone) return
      index++
      continue
    }
    waiting.splice(index, 1)
    const promise: Promise<unknown> = task.run().then((value) => {
      running.delete(promise)
      ended.push({ value })
    })
    running.set(promise, task)
  }
}

function mayStart(task: Task<unknown>, running: readonly Task<unknown>[]): boolean {
  if (task.alone) return running.length === 0
  if (running.some(({ alone }) => alone)) return false
  if (task.heavy && running.filter(({ heavy }) => heavy).length >= mostHeavy) return false
  // They would only wait for each other.
  return task.shared !== 'owns' || !running.some(({ shared }) => shared === 'owns')
}
