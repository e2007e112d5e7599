import type { ConnectionTrace } from '../steps/stage/connections.ts'

/** Connections that a process closes together are seen to close within this time of each other, in milliseconds. */
const simultaneousMs = 50
const mostNamed = 5

interface NamedTrace extends ConnectionTrace {
  readonly name: string
}

/** Finds out whether the target was lost during a run, and which cases were being played. All times are on one clock. */
export class TargetLoss {
  readonly #traces: NamedTrace[] = []

  add(name: string, trace: ConnectionTrace): void {
    this.#traces.push({ name, ...trace })
  }

  /** A sentence about the loss; undefined if the target has refused no connection, or has never accepted one. */
  get reason(): string | undefined {
    const refusals = this.#traces.map(({ refused }) => refused).filter((at) => at !== undefined)
    const before = this.#traces.filter(({ accepted = Infinity }) => accepted <= Math.min(...refusals))
    if (refusals.length === 0 || before.length === 0) return undefined
    const lastAccepted = Math.max(...before.map(({ accepted = 0 }) => accepted))
    const suspects = before.filter(({ closed = -Infinity }) => closed >= lastAccepted - simultaneousMs)
    const names = [...new Set(suspects.map(({ name }) => name))]
    return `the target was lost: it accepted connections before, and now refuses them; ${during(names)}`
  }
}

function during(names: readonly string[]): string {
  if (names.length === 0) return 'no case had a connection open at that moment'
  const left = names.length - mostNamed
  const named = `${names.slice(0, mostNamed).join(', ')}${left > 0 ? ` and ${left} more` : ''}`
  const hint = '; with --concurrency 1, the case that causes the loss is the last one named'
  return `the connections that closed at that moment belonged to ${named}${names.length === 1 ? '' : hint}`
}
