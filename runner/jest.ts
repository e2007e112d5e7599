/**
 * Registers each instance of a case as a Jest test. Works with vitest and node:test too: pass their `describe`, `test`
 * and `afterAll` (`after`).
 *
 * ```ts
 * import { conformance } from 'pushspec/jest'
 * await conformance({ target: 'ws://127.0.0.1:8080/echo', only: ['websocket'] })
 * ```
 */
import { reachTarget } from './library/target.ts'
import { loadCases, type Result, run, type RunSettings } from './index.ts'
import { explanationLines, instanceName } from './report/result-text.ts'
import { skipReasonOf } from './run/selection/skip-reason.ts'
import type { Case, Instance } from './chapters/chapter.ts'

type Body = () => void | Promise<void>

/** The functions of a test runner. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly test: ((name: string, body: Body, timeoutMs?: number) => unknown) & {
    readonly skip: (name: string, body: Body) => unknown
  }
  readonly afterAll: (body: Body) => unknown
}

export type ConformanceSettings = RunSettings & Partial<TestRunner>

/** The given functions, or else the globals of Jest. */
function runnerOf(settings: Partial<TestRunner>): TestRunner {
  const globals = globalThis as unknown as Partial<TestRunner> & { after?: TestRunner['afterAll'] }
  const describe = settings.describe ?? globals.describe
  const test = settings.test ?? globals.test
  const afterAll = settings.afterAll ?? globals.afterAll ?? globals.after
  if (describe === undefined || test === undefined || afterAll === undefined)
    throw new TypeError('there are no global describe, test and afterAll: pass those of your test runner')
  return { describe, test, afterAll }
}

/** A rule about all received bytes is judged at the end of the run, and every wait of the run has its own bound. */
const timeoutMs = 1_800_000

/** The results of a run, which begins when the first result is requested. */
class Results {
  readonly #play: () => AsyncIterable<Result>
  #all: Promise<ReadonlyMap<string, Result>> | undefined
  readonly #known = new Map<string, Result>()
  #waiting = new Set<() => void>()

  constructor(play: () => AsyncIterable<Result>) {
    this.#play = play
  }

  async of(name: string): Promise<Result> {
    this.#all ??= this.#collect()
    while (!this.#known.has(name)) {
      const more = new Promise<void>((resolve) => this.#waiting.add(resolve))
      const all = await Promise.race([more, this.#all])
      if (all !== undefined && !all.has(name)) throw new Error(`the run gave no result for ${name}`)
    }
    return this.#known.get(name) as Result
  }

  async #collect(): Promise<ReadonlyMap<string, Result>> {
    for await (const result of this.#play()) {
      this.#known.set(instanceName(result), result)
      for (const wake of this.#waiting) wake()
      this.#waiting = new Set()
    }
    return this.#known
  }
}

/** @throws Error with expectation and observation, unless the result is a pass or a warning. */
function assertPassed(result: Result): void {
  if (result.verdict === 'pass' || result.verdict === 'warn') return
  throw new Error([`${result.verdict}: ${result.title}`, ...explanationLines(result)].join('\n'))
}

/**
 * Registers a test for each instance of the selected cases. Instances that the target cannot play become skipped
 * tests; warnings pass; inconclusive results fail. Await it at the top level of the test file.
 * @throws the errors of `run`.
 */
export async function conformance(settings: ConformanceSettings): Promise<void> {
  const { describe, test, afterAll } = runnerOf(settings)
  const cases = await loadCases(settings)
  const aborter = new AbortController()
  const { target, close } = await reachTarget(settings, aborter.signal)
  const results = new Results(() => run({ ...settings, target, signal: aborter.signal }))
  afterAll(async () => {
    aborter.abort()
    await close()
  })
  for (const address of new Set(cases.map(({ chapter }) => chapter.address))) {
    const entries = cases.filter(({ chapter }) => chapter.address === address)
    describe(`${address}: ${entries[0]?.chapter.title ?? ''}`, () => {
      for (const entry of entries) for (const instance of entry.instances) register(entry, instance)
    })
  }

  function register(entry: Case, instance: Instance): void {
    const name = instanceName({ id: entry.id, instance: instance.name })
    const missing = skipReasonOf(entry, instance, target, settings.full ?? false)
    const body = async (): Promise<void> => assertPassed(await results.of(name))
    if (missing === undefined) test(name, body, timeoutMs)
    else test.skip(`${name} (${missing.reason})`, body)
  }
}
