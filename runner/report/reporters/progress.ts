import { Writable } from 'node:stream'

import { createLogUpdate } from 'log-update'

import type { Result } from '../../run/result.ts'
import type { Colors } from '../parts/colour.ts'
import { caseName } from '../parts/result-lines.ts'
import type { Output } from '../reporter.ts'
import { countsInWords, type Tally } from '../summary.ts'

/** Minimum time between two drawings, in milliseconds: drawing must not disturb the timing of cases. */
const drawIntervalMs = 100
const barWidth = 20

/** A stream for log-update, which also reads the width from it. */
class OutputStream extends Writable {
  readonly #out: Output

  constructor(out: Output) {
    super({ decodeStrings: false })
    this.#out = out
  }

  get columns(): number {
    return this.#out.columns
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.#out.write(String(chunk))
    done()
  }
}

/** A line on a terminal that each call replaces. */
export const updatableLine = (out: Output): ReturnType<typeof createLogUpdate> =>
  createLogUpdate(new OutputStream(out), { showCursor: true })

function bar(share: number): string {
  const full = Math.round(Math.min(1, share) * barWidth)
  return `${'='.repeat(full)}${'-'.repeat(barWidth - full)}`
}

/** A line with the progress of the run; only on a terminal. */
export class Progress {
  readonly #draw: ReturnType<typeof createLogUpdate> | undefined
  readonly #out: Output
  readonly #colors: Colors
  readonly #total: number
  #drawnAt = 0

  constructor(out: Output, colors: Colors, total: number) {
    this.#draw = out.isTTY ? updatableLine(out) : undefined
    this.#out = out
    this.#colors = colors
    this.#total = total
  }

  show(tally: Tally, last: Pick<Result, 'id' | 'instance'>): void {
    const now = performance.now()
    if (this.#draw === undefined || now - this.#drawnAt < drawIntervalMs) return
    this.#drawnAt = now
    const done = `${bar(tally.total / Math.max(1, this.#total))} ${tally.total}/${this.#total}`
    const counts = countsInWords(tally.summary)
    const room = this.#out.columns - done.length - counts.length - 6
    const name = room > 12 ? `  ${this.#colors.dim(shorten(caseName(last), room))}` : ''
    this.#draw(`${done}  ${counts}${name}`)
  }

  /** Removes the line. */
  clear(): void {
    this.#draw?.clear()
    this.#draw?.done()
  }
}

const shorten = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`
