import { describe, expect, test } from '@jest/globals'
import { schedule, type Task } from '../../../runner/run/schedule/schedule.ts'

interface Draft {
  readonly name: string
  readonly alone?: boolean
  readonly heavy?: boolean
  readonly shared?: Task<string>['shared']
}

/** Tasks that note who runs beside them. */
function tasksOf(drafts: readonly Draft[]): { tasks: Task<string>[]; beside: Map<string, Set<string>> } {
  const running = new Set<string>()
  const beside = new Map<string, Set<string>>()
  const tasks = drafts.map(({ name, alone = false, heavy = false, shared }): Task<string> => ({
    alone,
    heavy,
    shared,
    run: async () => {
      running.add(name)
      const others = new Set<string>()
      beside.set(name, others)
      for (let turn = 0; turn < 3; turn++) {
        for (const other of running) if (other !== name) others.add(other)
        await new Promise(setImmediate)
      }
      running.delete(name)
      return name
    },
  }))
  return { tasks, beside }
}

async function ended(
  tasks: readonly Task<string>[],
  concurrency = 10,
  signal = new AbortController().signal,
): Promise<string[]> {
  const names: string[] = []
  for await (const name of schedule(tasks, concurrency, signal)) names.push(name)
  return names
}

describe('a schedule', () => {
  test('runs everything once', async () => {
    const { tasks } = tasksOf(['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })))
    expect((await ended(tasks, 2)).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('runs no more side by side than it may', async () => {
    const { tasks, beside } = tasksOf(['a', 'b', 'c'].map((name) => ({ name })))
    await ended(tasks, 1)
    expect([...beside.values()].map(({ size }) => size)).toEqual([0, 0, 0])
  })

  test('lets the others begin when those that wait for long do wait', async () => {
    const { tasks, beside } = tasksOf([{ name: 'a' }, { name: 'long' }, { name: 'also long' }])
    let prepare = (): void => {}
    const prepared = new Promise<void>((resolve) => (prepare = resolve))
    const [a, ...long] = tasks
    const names = ended([...(a === undefined ? [] : [a]), ...long.map((task) => ({ ...task, prepared }))])
    await new Promise(setImmediate)
    expect([...beside.keys()]).toEqual(['long', 'also long'])
    prepare()
    expect((await names).toSorted()).toEqual(['a', 'also long', 'long'])
  })

  test('leaves alone what runs alone, and takes it last', async () => {
    const { tasks, beside } = tasksOf([
      { name: 'alone', alone: true },
      { name: 'a' },
      { name: 'b' },
      { name: 'also alone', alone: true },
    ])
    expect((await ended(tasks)).slice(-2)).toEqual(['alone', 'also alone'])
    expect([beside.get('alone'), beside.get('also alone')]).toEqual([new Set(), new Set()])
    expect(beside.get('a')).toContain('b')
  })

  test('lets one at a time have a channel that all share, and first those that only wait on it', async () => {
    const { tasks, beside } = tasksOf([
      { name: 'owns', shared: 'owns' },
      { name: 'owns too', shared: 'owns' },
      { name: 'elsewhere' },
      { name: 'waits', shared: 'waits' },
    ])
    await ended(tasks)
    expect(beside.get('owns')).not.toContain('owns too')
    expect(beside.get('owns too')).not.toContain('owns')
    expect([...beside.keys()][0]).toBe('waits')
  })

  test('has few at a time of those that are much work, and after the others', async () => {
    const drafts = Array.from({ length: 8 }, (_, index) => ({ name: `heavy ${index}`, heavy: true }))
    const { tasks, beside } = tasksOf([...drafts, { name: 'light' }])
    let running = 0
    let most = 0
    const counted = tasks.map((task) => ({
      ...task,
      run: async () => {
        most = Math.max(most, (running += Number(task.heavy)))
        const name = await task.run()
        running -= Number(task.heavy)
        return name
      },
    }))
    expect(await ended(counted)).toHaveLength(9)
    expect(most).toBe(3)
    expect([...beside.keys()][0]).toBe('light')
  })

  test('starts nothing more when it is told to stop, and ends what runs', async () => {
    const aborter = new AbortController()
    const { tasks } = tasksOf(['a', 'b', 'c'].map((name) => ({ name })))
    const names: string[] = []
    for await (const name of schedule(tasks, 1, aborter.signal)) {
      names.push(name)
      aborter.abort()
    }
    expect(names).toEqual(['a'])
  })

  test('lets a defect through', async () => {
    const broken: Task<string> = {
      alone: false,
      heavy: false,
      shared: undefined,
      run: () => Promise.reject(new Error('defect')),
    }
    await expect(ended([broken])).rejects.toThrow('defect')
  })
})
