import { EventEmitter, once } from 'node:events'
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { errorCode } from '../../documents/plain.ts'
import { UsageError } from '../errors.ts'

/** Changes belong together while the next one comes within so many milliseconds; so often it is waited for. */
const pauseMs = 100
const mostPauses = 20

export interface Watched {
  /** Files, and folders with all that is in them; absolute. */
  readonly paths: readonly string[]
  /** Files that the command itself writes; absolute. */
  readonly ignored: readonly string[]
}

/** What is installed or generated is not written by hand. */
const isHandwritten = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules'

/**
 * Tells when files change. Each folder is watched by itself: Node's own recursive watching loses a file on Linux once
 * an editor has put another one in its place, and cannot leave out node_modules.
 */
export class FileChanges {
  readonly #watched: Watched
  readonly #events = new EventEmitter()
  readonly #folders = new Set<string>()
  readonly #changed = new Set<string>()
  #count = 0
  #watchers: FSWatcher[] = []

  /** Throws UsageError when the system refuses to watch. */
  constructor(watched: Watched) {
    this.#watched = watched
    this.#begin()
  }

  /** What has changed since the last time, as soon as something has and nothing more does. Empty when `signal` aborts. */
  async next(signal: AbortSignal): Promise<string[]> {
    try {
      if (this.#changed.size === 0) await once(this.#events, 'change', { signal })
      for (let [seen, left] = [-1, mostPauses]; seen !== this.#count && left > 0; left--) {
        seen = this.#count
        await delay(pauseMs, undefined, { signal })
      }
    } catch (error) {
      if (!signal.aborted) throw error
      return []
    }
    // There may be new folders.
    this.#begin()
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  #begin(): void {
    const before = this.#watchers
    this.#watchers = []
    this.#folders.clear()
    try {
      for (const path of this.#watched.paths) {
        // What is replaced or comes back is seen from the folder around it.
        this.#watch(dirname(path), (name) => name === basename(path))
        if (isFolder(path)) this.#watchBelow(path)
      }
    } finally {
      for (const watcher of before) watcher.close()
    }
  }

  #watchBelow(folder: string): void {
    // First watched, then read: no folder can be made in between.
    this.#watch(folder, isHandwritten)
    for (const name of foldersIn(folder).filter(isHandwritten)) this.#watchBelow(join(folder, name))
  }

  #watch(folder: string, wanted: (name: string) => boolean): void {
    try {
      const watcher = watch(folder, (kind, name) => {
        if (name === null || wanted(name)) this.#record(kind, join(folder, name ?? ''))
      })
      // On Windows the end of a folder that is watched is an error.
      watcher.on('error', () => this.#record('rename', folder))
      this.#watchers.push(watcher)
      this.#folders.add(folder)
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return
      this.close()
      throw new UsageError(
        `cannot watch ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }

  #record(kind: string, path: string): void {
    // A change in a folder is told by its own watcher; Windows tells it of the folder too.
    if (this.#watched.ignored.includes(path) || (kind === 'change' && this.#folders.has(path))) return
    this.#count++
    this.#changed.add(path)
    this.#events.emit('change')
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** None where the folder has gone meanwhile. */
function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
