import type { Step } from '../../chapters/chapter.ts'

/** `shared`: other holders may use the channel too, but none publishes. `exclusive`: only one holder uses the channel. */
type Mode = 'shared' | 'exclusive'

interface LockRequest {
  readonly mode: Mode
  readonly grant: () => void
}

/**
 * The lock of a channel that all cases see. Cases that only wait on the channel share the lock; a case that publishes
 * holds it alone. Requests are granted in their order, except that further shared requests join a shared lock.
 */
export class ChannelLock {
  readonly #queue: LockRequest[] = []
  #sharedCount = 0
  #isExclusive = false

  async acquire(mode: Mode): Promise<void> {
    await new Promise<void>((grant) => {
      this.#queue.push({ mode, grant })
      this.#grant()
    })
  }

  release(mode: Mode): void {
    if (mode === 'exclusive') this.#isExclusive = false
    else this.#sharedCount--
    this.#grant()
  }

  #grant(): void {
    const [first] = this.#queue
    if (this.#isExclusive || first === undefined) return
    if (first.mode === 'exclusive' && this.#sharedCount === 0) {
      this.#queue.shift()
      this.#isExclusive = true
      first.grant()
      return
    }
    for (const next of this.#queue.filter(({ mode }) => mode === 'shared')) {
      this.#queue.splice(this.#queue.indexOf(next), 1)
      this.#sharedCount++
      next.grant()
    }
  }
}

/** Acquires the lock for one instance, step by step, in the weakest mode that the next steps need. */
export class ChannelAccess {
  readonly #lock: ChannelLock
  readonly #modes: readonly Mode[]
  #held: Mode | undefined

  constructor(lock: ChannelLock, steps: readonly Step[]) {
    this.#lock = lock
    this.#modes = modesOf(steps)
  }

  /**
   * `waits`: begins in shared mode. `prepares`: begins in exclusive mode to publish something, and then waits in shared
   * mode for up to the time-out of a held request. `owns`: needs exclusive mode only.
   */
  get use(): 'waits' | 'prepares' | 'owns' {
    if (!this.#modes.includes('shared')) return 'owns'
    return this.#modes[0] === 'exclusive' ? 'prepares' : 'waits'
  }

  /** Waits until the step with this index may be played. */
  async before(at: number): Promise<void> {
    const mode = this.#modes[at]
    if (mode === undefined || mode === this.#held) return
    this.end()
    await this.#lock.acquire(mode)
    this.#held = mode
  }

  end(): void {
    if (this.#held !== undefined) this.#lock.release(this.#held)
    this.#held = undefined
  }
}

/** Verbs that publish, some of them only to find out whether a receiver is connected. */
const publishing = new Set([
  'publish',
  'publish-many',
  'publish-in-pieces',
  'receiver',
  'delivered',
  'delivered-nothing',
])

/** Whether a step makes the target publish: through the hook, or with a request that the case writes itself. */
const isPublishing = ({ verb, args }: Step): boolean =>
  publishing.has(verb) || (verb === 'request' && (args as { to?: string } | null)?.to === 'publish')

/** Steps before a time-out share the channel, and so do cases that publish nothing; all others need it alone. */
function modesOf(steps: readonly Step[]): Mode[] {
  const publishes = steps.some(isPublishing)
  return steps.map((_, at) => {
    const next = steps.slice(at).find((step) => isPublishing(step) || step.verb === 'timed-out')
    return !publishes || next?.verb === 'timed-out' ? 'shared' : 'exclusive'
  })
}
