import { type BrokenServer, listening } from '../../fixtures/broken-servers/index.ts'
import { loadCases } from '../../runner/cli/cases.ts'
import type { Result } from '../../runner/run/result.ts'
import { run } from '../../runner/run/run.ts'
import { select } from '../../runner/run/select.ts'
import { Target } from '../../runner/target/target.ts'
import { Console } from '../cli/console.ts'

const everyCase = loadCases({}, new Console())

/** What these cases come to. */
export async function playedOn(target: Target, only: readonly string[]): Promise<Result[]> {
  const cases = select(await everyCase, { only })
  const results: Result[] = []
  for await (const result of run({ target, cases, slow: 0.5, concurrency: 24, seed: 'broken' }))
    results.push(result)
  return results
}

/** Plays cases against a broken server, and does something with what they came to while that still runs. */
export async function playedOnBroken<T>(
  broken: BrokenServer,
  only: readonly string[],
  work: (results: readonly Result[]) => Promise<T> | T,
): Promise<T> {
  const server = await listening(broken.create())
  const target = new Target({
    name: broken.name,
    base: new URL(server.origin),
    description: { ...broken.description, target: server.origin },
    tls: { rejectUnauthorized: true },
    secrets: [],
    env: {},
    isBare: false,
    took: '',
  })
  try {
    return await work(await playedOn(target, only))
  } finally {
    await target.close()
    await server.close()
  }
}
