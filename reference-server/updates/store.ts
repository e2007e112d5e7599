import { randomBytes } from 'node:crypto'
import type { Modification } from '../http/conditional.ts'

/** A published update. Positions in a channel increase by one and are never reused. */
export interface Update {
  readonly position: number
  readonly id: string
  readonly type: string
  readonly data: string
}

export interface NewUpdate {
  readonly data: string
  /** `message` if absent or empty. */
  readonly type?: string | undefined
  /** The position as text if absent. */
  readonly id?: string | undefined
}

/** How many clients wait on a channel: held long polls, event streams, WebSockets. */
export interface Waiting {
  readonly held: number
  readonly streams: number
  readonly sockets: number
}

export interface Retention {
  /** Updates kept of one channel, at least 1. */
  readonly retainedUpdates: number
  /** Bytes kept of all channels together. */
  readonly retainedBytes: number
}

/** Thrown when the next update of a follower is no longer kept, because it reads too slowly. */
export class FollowerTooSlow extends Error {
  override readonly name = 'FollowerTooSlow'
}

interface Channel {
  head: number
  readonly updates: Update[]
  modified: Modification | undefined
  readonly present: { -readonly [kind in keyof Waiting]: number }
  readonly waiting: Set<() => void>
}

/** Memory that an update uses besides its text, in bytes. */
const overheadBytes = 256

/**
 * Channels in memory, with bounded size: the oldest updates of a channel are dropped first, then whole channels
 * without waiting clients, beginning with the least recently published.
 */
export class Store {
  /** Distinguishes the entity tags of this store from those of others, whose positions are the same. */
  readonly instanceId = randomBytes(6).toString('base64url')
  /** In the order of their last publication. */
  readonly #channels = new Map<string, Channel>()
  readonly #retention: Retention
  #bytes = 0
  /** The highest position of any dropped channel. New channels begin here, so that no position is reused. */
  #base = 0

  constructor(retention: Retention) {
    this.#retention = retention
  }

  /** Adds an update to the channel and wakes all who wait on it. */
  publish(name: string, { data, type, id }: NewUpdate): Update {
    const channel = this.#open(name)
    this.#channels.delete(name)
    this.#channels.set(name, channel)
    channel.head += 1
    const position = channel.head
    const update: Update = { position, id: id ?? String(position), type: type || 'message', data }
    channel.updates.push(update)
    channel.modified = modifiedNow(channel.modified)
    this.#bytes += costOf(update)
    this.#enforceRetention(channel)
    for (const wake of channel.waiting) wake()
    return update
  }

  /** The kept updates after `position`, oldest first. */
  after(name: string, position: number): Update[] {
    const channel = this.#channels.get(name)
    if (channel === undefined) return []
    return channel.updates.slice(Math.max(0, position - startOf(channel)))
  }

  /** The position of the newest update; in a channel without any, the position before its first. */
  head(name: string): number {
    return this.#channels.get(name)?.head ?? this.#base
  }

  /** The position before the oldest kept update. */
  start(name: string): number {
    const channel = this.#channels.get(name)
    return channel === undefined ? this.#base : startOf(channel)
  }

  /** The position of the newest kept update with this id. */
  positionOf(name: string, id: string): number | undefined {
    return this.#channels.get(name)?.updates.findLast((update) => update.id === id)?.position
  }

  modification(name: string): Modification | undefined {
    return this.#channels.get(name)?.modified
  }

  /** Resolves when there is an update after `position`, or when `signal` aborts. */
  async waitFor(name: string, position: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.head(name) > position) return
    const channel = this.#open(name)
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        channel.waiting.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      channel.waiting.add(wake)
      signal.addEventListener('abort', wake)
    })
    this.#tidy(name)
  }

  /**
   * Yields every update after `position` until `signal` aborts. Updates that are no longer kept at the start are
   * skipped; a later gap throws `FollowerTooSlow`. The channel itself is certain to be kept only between `enter` and
   * the call of the function that it returns.
   */
  async *follow(name: string, position: number, signal: AbortSignal): AsyncGenerator<Update> {
    let reached = Math.max(position, this.start(name))
    while (!signal.aborted) {
      if (this.start(name) > reached) throw new FollowerTooSlow(`update ${reached + 1} of ${name} is gone`)
      const update = this.#next(name, reached)
      if (update === undefined) {
        await this.waitFor(name, reached, signal)
        continue
      }
      reached = update.position
      yield update
    }
  }

  /** Counts a waiting client; the returned function ends that, once. */
  enter(name: string, kind: keyof Waiting): () => void {
    const channel = this.#open(name)
    channel.present[kind] += 1
    let left = false
    return () => {
      if (left) return
      left = true
      channel.present[kind] -= 1
      this.#tidy(name)
    }
  }

  present(name: string): Waiting {
    const { held, streams, sockets } = this.#channels.get(name)?.present ?? noClients()
    return { held, streams, sockets }
  }

  #open(name: string): Channel {
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const head = this.#base
    const channel = {
      head,
      updates: [],
      modified: undefined,
      present: noClients(),
      waiting: new Set<() => void>(),
    }
    this.#channels.set(name, channel)
    return channel
  }

  #next(name: string, position: number): Update | undefined {
    const channel = this.#channels.get(name)
    return channel?.updates[position - startOf(channel)]
  }

  #enforceRetention(current: Channel): void {
    if (current.updates.length > this.#retention.retainedUpdates) this.#dropOldest(current)
    for (const [name, channel] of this.#channels) {
      if (!this.#isFull()) return
      if (channel !== current && isIdle(channel)) this.#forget(name, channel)
    }
    for (const channel of this.#channels.values()) {
      const least = channel === current ? 1 : 0
      while (this.#isFull() && channel.updates.length > least) this.#dropOldest(channel)
    }
  }

  #isFull(): boolean {
    return this.#bytes > this.#retention.retainedBytes
  }

  #dropOldest(channel: Channel): void {
    const oldest = channel.updates.shift()
    if (oldest !== undefined) this.#bytes -= costOf(oldest)
  }

  #forget(name: string, channel: Channel): void {
    while (channel.updates.length > 0) this.#dropOldest(channel)
    this.#base = Math.max(this.#base, channel.head)
    this.#channels.delete(name)
  }

  /** Forgets a channel without updates and waiting clients. */
  #tidy(name: string): void {
    const channel = this.#channels.get(name)
    if (channel !== undefined && channel.updates.length === 0 && isIdle(channel)) this.#forget(name, channel)
  }
}

function startOf(channel: Channel): number {
  return channel.head - channel.updates.length
}

function isIdle({ present, waiting }: Channel): boolean {
  return present.held + present.streams + present.sockets + waiting.size === 0
}

function noClients(): Channel['present'] {
  return { held: 0, streams: 0, sockets: 0 }
}

function costOf({ data, id, type }: Update): number {
  return Buffer.byteLength(data) + Buffer.byteLength(id) + Buffer.byteLength(type) + overheadBytes
}

/** Last-Modified counts whole seconds (RFC 9110 section 8.8.2.2). */
function modifiedNow(before: Modification | undefined): Modification {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000)
  return { at, exact: before === undefined || before.at.getTime() < at.getTime() }
}
