import { EventEmitter, once } from 'node:events'
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { errorCode } from '../../documents/type-guards.ts'
import { UsageError } from '../errors.ts'

/** Changes that follow within this time belong together; the wait for further changes is repeated at most so often. */
const pauseMs = 100
const maxPauses = 20

export interface Watched {
  /** Files, and folders with everything in them; absolute. */
  readonly paths: readonly string[]
  /** Files that the command itself writes; absolute. */
  readonly ignored: readonly string[]
}

/** False for installed packages, and for hidden files and folders. */
const isHandwritten = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules'

/**
 * Reports changes of files. Each folder has its own watcher: the recursive watcher of Node loses a file on Linux after
 * an editor has replaced it, and cannot ignore node_modules.
 */
export class FileChanges {
  readonly #watched: Watched
  readonly #events = new EventEmitter()
  readonly #folders = new Set<string>()
  readonly #changed = new Set<string>()
  #count = 0
  #watchers: FSWatcher[] = []

  /** @throws UsageError when the operating system cannot watch a folder. */
  constructor(watched: Watched) {
    this.#watched = watched
    this.#begin()
  }

  /** Waits until files have changed and no more changes follow; returns their paths. Empty when `signal` aborts. */
  async next(signal: AbortSignal): Promise<string[]> {
    try {
      if (this.#changed.size === 0) await once(this.#events, 'change', { signal })
      for (let [seen, left] = [-1, maxPauses]; seen !== this.#count && left > 0; left--) {
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
        // The parent folder reports when the path is replaced or created again.
        this.#watch(dirname(path), (name) => name === basename(path))
        if (isFolder(path)) this.#watchBelow(path)
      }
    } finally {
      for (const watcher of before) watcher.close()
    }
  }

  #watchBelow(folder: string): void {
    // Watch before reading, so that no new folder is missed in between.
    this.#watch(folder, isHandwritten)
    for (const name of foldersIn(folder).filter(isHandwritten)) this.#watchBelow(join(folder, name))
  }

  #watch(folder: string, wanted: (name: string) => boolean): void {
    try {
      const watcher = watch(folder, (kind, name) => {
        if (name === null || wanted(name)) this.#record(kind, join(folder, name ?? ''))
      })
      // On Windows, removing a watched folder emits an error.
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
    // The watcher of a folder reports changes in it; on Windows the watcher of its parent does so too.
    if (this.#watched.ignored.includes(path) || (kind === 'change' && this.#folders.has(path))) return
    this.#count++
    this.#changed.add(path)
    this.#events.emit('change')
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Empty if the folder has been removed meanwhile. */
function foldersIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}
