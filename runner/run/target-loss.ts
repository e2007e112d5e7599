import type { ConnectionTrace } from '../steps/stage/connections.ts'

/** What a process ends at one moment is noticed a little apart, in any order: so far, in milliseconds. */
const oneMoment = 50
const mostNamed = 5

interface NamedTrace extends ConnectionTrace {
  readonly name: string
}

/** Whether the target went away during a run, and what was played then. Times are on one clock. */
export class TargetLoss {
  readonly #traces: NamedTrace[] = []

  add(name: string, trace: ConnectionTrace): void {
    this.#traces.push({ name, ...trace })
  }

  /** Undefined if the target has refused no connection, or was never there. */
  get reason(): string | undefined {
    const refusals = this.#traces.map(({ refused }) => refused).filter((at) => at !== undefined)
    const before = this.#traces.filter(({ accepted = Infinity }) => accepted <= Math.min(...refusals))
    if (refusals.length === 0 || before.length === 0) return undefined
    const lastAccepted = Math.max(...before.map(({ accepted = 0 }) => accepted))
    const suspects = before.filter(({ closed = -Infinity }) => closed >= lastAccepted - oneMoment)
    const names = [...new Set(suspects.map(({ name }) => name))]
    return `the target went away: it refuses connections, and took them before; ${during(names)}`
  }
}

function during(names: readonly string[]): string {
  if (names.length === 0) return 'no case had one open when it went'
  const left = names.length - mostNamed
  const named = `${names.slice(0, mostNamed).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
  const hint =
    '; played one at a time (--concurrency 1), the one that it does not survive is the last of them'
  return `the connections that ended with it were of ${named}${names.length === 1 ? '' : hint}`
}
