import type { Case, Instance } from '../../chapters/chapter.ts'
import { openSession } from '../../targets/hooks/session.ts'
import type { EndpointKind } from '../../targets/address.ts'
import type { Scope } from '../../targets/description/template.ts'
import type { Target } from '../../targets/target.ts'
import { defaultLimits } from '../../wire/limits.ts'
import type { Finding } from '../../wire/finding.ts'
import { Transcript } from '../../wire/transcript.ts'
import { Actors } from './actors.ts'
import { Bounds, usualBound } from './bounds.ts'
import { Cleanup } from './cleanup.ts'
import { Connections } from './connections.ts'
import { Identity } from './identity.ts'
import { Notes } from './notes.ts'
import { Publications, SharedUpdates } from './publications.ts'
import { RunMemory } from './run-memory.ts'

export interface PlayOptions {
  readonly target: Target
  readonly case: Case
  readonly instance: Instance
  /** Factor for every bound on time. */
  readonly slow: number
  readonly seed: string
  /** Aborts when the run is interrupted, or when the instance has taken far too long. */
  readonly signal: AbortSignal
  readonly memory?: RunMemory
  /** The instance is being retried. */
  readonly isRetry?: boolean
  /** Milliseconds in which this process was blocked since a time of `performance.now()`. */
  readonly blockedSince?: (start: number) => number
}

/** The most findings that are kept of one instance. */
const maxFindings = 200

/** One instance of a case while it is played: everything that its verbs work with. */
export class Play {
  readonly target: Target
  readonly case: Case
  readonly instance: Instance
  readonly signal: AbortSignal
  readonly isRetry: boolean
  readonly memory: RunMemory
  readonly limits = defaultLimits
  readonly transcript = new Transcript()
  readonly notes = new Notes(this.transcript)
  readonly actors = new Actors()
  readonly cleanup = new Cleanup()
  readonly findings: Finding[] = []
  readonly captures: Record<string, string> = {}
  readonly identity: Identity
  readonly bounds: Bounds
  readonly connections: Connections
  readonly publications: Publications

  constructor(options: PlayOptions) {
    const { target, slow, signal, isRetry = false, blockedSince = () => 0 } = options
    this.target = target
    this.case = options.case
    this.instance = options.instance
    this.signal = signal
    this.isRetry = isRetry
    this.memory = options.memory ?? new RunMemory()
    this.identity = new Identity(options.seed, options.case.id, options.instance.name)
    this.bounds = new Bounds({
      usual: target.description.within ?? usualBound,
      slow,
      isRetry,
      blockedSince,
      signal,
    })
    const { transcript, limits, bounds, cleanup, onFinding } = this
    this.connections = new Connections({ target, transcript, limits, bounds, cleanup, onFinding })
    this.publications = new Publications(this.identity.nonce, this.memory.of(SharedUpdates))
  }

  readonly onFinding = (finding: Finding): void => {
    if (this.findings.length < maxFindings) this.findings.push(finding)
  }

  /** Opens a session at an endpoint, as a new client. */
  openSession(kind: EndpointKind, extra: Scope = {}): Promise<Scope> {
    const scope = this.identity.scope({ client: this.identity.nextClient(), ...extra })
    return openSession(this.target, kind, scope, this.bounds.within('10s'), this.notes.watch('setup'))
  }

  /** Closes everything that the instance has opened. */
  async close(): Promise<void> {
    await this.cleanup.run()
    this.bounds.release()
  }
}
