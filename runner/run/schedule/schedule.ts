import type { ChannelAccess } from './channel-lock.ts'

/** A piece of work, and the resources that it needs while it runs. */
export interface Task<T> {
  readonly run: () => Promise<T>
  /** No other task runs at the same time. */
  readonly alone: boolean
  /** It keeps this process busy instead of only waiting: few such tasks run at the same time. */
  readonly heavy: boolean
  /** How it uses a channel that all instances share; undefined if it does not. */
  readonly shared: ChannelAccess['use'] | undefined
  /** Settles when it has begun a long wait: tasks without one start then, so that they do not delay it. */
  readonly prepared?: Promise<void> | undefined
}

/** How many heavy tasks run concurrently. */
const mostHeavy = 3

/** Tasks with a long wait start first, so that they wait at the same time; tasks that run alone start last. */
function order({ alone, heavy, shared }: Task<unknown>): number {
  if (alone) return 4
  if (heavy) return 3
  return shared === 'prepares' ? 0 : shared === 'waits' ? 1 : 2
}

/** Runs tasks concurrently, at most `concurrency` at a time. Yields each result when its task ends. */
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
  // Two of them would only wait for each other.
  return task.shared !== 'owns' || !running.some(({ shared }) => shared === 'owns')
}
