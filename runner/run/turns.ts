import type { Step } from '../spec/chapter.ts'

/** `quiet`: nobody may publish meanwhile. `own`: nobody else may use the channel at all. */
type Mode = 'quiet' | 'own'

interface Request {
  readonly mode: Mode
  readonly grant: () => void
}

/**
 * A channel that all cases see. Those that only wait there do so side by side; one that publishes has it to
 * itself. First come, first served.
 */
export class SharedChannel {
  readonly #queue: Request[] = []
  #quiet = 0
  #owned = false

  async take(mode: Mode): Promise<void> {
    await new Promise<void>((grant) => {
      this.#queue.push({ mode, grant })
      this.#serve()
    })
  }

  give(mode: Mode): void {
    if (mode === 'own') this.#owned = false
    else this.#quiet--
    this.#serve()
  }

  #serve(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#owned || (next.mode === 'own' && this.#quiet > 0)) return
      this.#queue.shift()
      if (next.mode === 'own') this.#owned = true
      else this.#quiet++
      next.grant()
    }
  }
}

/** The turns of one instance on the shared channel: what it needs for the step that comes, and no more. */
export class Turns {
  readonly #channel: SharedChannel
  readonly #modes: readonly Mode[]
  #held: Mode | undefined

  constructor(channel: SharedChannel, steps: readonly Step[]) {
    this.#channel = channel
    this.#modes = modesOf(steps)
  }

  /** Waits until the step with this place in the list may be played. */
  async before(at: number): Promise<void> {
    const mode = this.#modes[at]
    if (mode === undefined || mode === this.#held) return
    this.end()
    await this.#channel.take(mode)
    this.#held = mode
  }

  end(): void {
    if (this.#held !== undefined) this.#channel.give(this.#held)
    this.#held = undefined
  }
}

/** A wait for a time-out may last as long as the target likes, and side by side with all others of its kind. */
export const waitsForTimeOut = (steps: readonly Step[]): boolean =>
  steps.some(({ verb }) => verb === 'timed-out')

/** Before a time-out, and where nothing is published at all, others may wait too; everything else needs the channel alone. */
function modesOf(steps: readonly Step[]): Mode[] {
  const publishes = steps.some(({ verb }) => verb === 'publish')
  return steps.map((_, at) => {
    const next = steps.slice(at).find(({ verb }) => verb === 'publish' || verb === 'timed-out')
    return !publishes || next?.verb === 'timed-out' ? 'quiet' : 'own'
  })
}
