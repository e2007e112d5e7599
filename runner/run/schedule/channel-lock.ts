import type { Step } from '../../chapters/chapter.ts'

/** `quiet`: nobody may publish meanwhile. `own`: nobody else may use the channel at all. */
type Mode = 'quiet' | 'own'

interface Request {
  readonly mode: Mode
  readonly grant: () => void
}

/**
 * A channel that all cases see. Those that only wait there do so side by side; one that publishes has it to
 * itself. First come, first served, but while some wait quietly others may join them.
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
    const [first] = this.#queue
    if (this.#owned || first === undefined) return
    if (first.mode === 'own' && this.#quiet === 0) {
      this.#queue.shift()
      this.#owned = true
      first.grant()
      return
    }
    for (const next of this.#queue.filter(({ mode }) => mode === 'quiet')) {
      this.#queue.splice(this.#queue.indexOf(next), 1)
      this.#quiet++
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

  /**
   * `waits`: quietly, and begins so. `prepares`: publishes something first, and then waits quietly, which may
   * take as long as the target holds a request. `owns`: never waits quietly.
   */
  get use(): 'waits' | 'prepares' | 'owns' {
    if (!this.#modes.includes('quiet')) return 'owns'
    return this.#modes[0] === 'own' ? 'prepares' : 'waits'
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

/** Verbs that publish, be it only to see that somebody listens. */
const publishing = new Set(['publish', 'publish-many', 'receiver', 'delivered', 'delivered-nothing'])

/** It makes the target publish: through the hook, or with a request of its own making. */
const isPublishing = ({ verb, args }: Step): boolean =>
  publishing.has(verb) || (verb === 'request' && (args as { to?: string } | null)?.to === 'publish')

/** Before a time-out, and where nothing is published at all, others may wait too; everything else needs the channel alone. */
function modesOf(steps: readonly Step[]): Mode[] {
  const publishes = steps.some(isPublishing)
  return steps.map((_, at) => {
    const next = steps.slice(at).find((step) => isPublishing(step) || step.verb === 'timed-out')
    return !publishes || next?.verb === 'timed-out' ? 'quiet' : 'own'
  })
}
