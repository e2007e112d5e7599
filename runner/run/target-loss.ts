import type { Traces } from '../steps/stage/play.ts'

/** What a process ends at one moment is noticed a little apart, in any order: so far, in milliseconds. */
const oneMoment = 50
const mostNamed = 5

interface Sighting extends Traces {
  readonly name: string
}

/** Whether the target went away during a run, and what was played then. Times are on one clock. */
export class Departure {
  readonly #sightings: Sighting[] = []

  add(name: string, traces: Traces): void {
    this.#sightings.push({ name, ...traces })
  }

  /** Undefined if the target has refused no connection, or was never there. */
  get reason(): string | undefined {
    const refusals = this.#sightings.map(({ refused }) => refused).filter((at) => at !== undefined)
    const before = this.#sightings.filter(({ taken = Infinity }) => taken <= Math.min(...refusals))
    if (refusals.length === 0 || before.length === 0) return undefined
    const lastTaken = Math.max(...before.map(({ taken = 0 }) => taken))
    const suspects = before.filter(({ ended = -Infinity }) => ended >= lastTaken - oneMoment)
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
