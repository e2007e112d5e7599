import { buffer } from './bytes.ts'

/** So many bytes, made of these again and again; just these, where there are as many. */
export interface Piece {
  readonly bytes: Uint8Array
  readonly length: number
}

/** Bytes that repeat are looked for up to this distance: a masked text comes round after four times its length. */
const longestPeriod = 256
/** What repeats for less than this is written out. */
const shortestRun = 64
/** It is looked for only every so many bytes, and then back from there. */
const stride = 32

/**
 * `bytes` as pieces, what repeats in it written once; undefined where more than `most` bytes would have to be written.
 */
export function piecesOf(bytes: Uint8Array, most = 32 * 1024): Piece[] | undefined {
  const pieces: Piece[] = []
  let written = 0
  let from = 0
  const write = (to: number): void => {
    if (to > from) pieces.push({ bytes: bytes.slice(from, to), length: to - from })
    written += to - from
  }
  for (let at = 0; at < bytes.length && written + at - from <= most;) {
    const period = periodAt(buffer(bytes), at)
    if (period === 0) {
      at += stride
      continue
    }
    const start = startOfRun(bytes, at, period, from)
    write(start)
    at = from = endOfRun(bytes, at, period)
    pieces.push({ bytes: bytes.slice(start, start + period), length: from - start })
  }
  write(bytes.length)
  return written <= most ? pieces : undefined
}

/** The distance after which the bytes from `at` on repeat; 0 where they do not. */
function periodAt(bytes: Buffer, at: number): number {
  const beginning = bytes.subarray(at, at + shortestRun)
  const within = bytes.subarray(at, at + longestPeriod + shortestRun)
  for (
    let period = within.indexOf(beginning, 1);
    period > 0;
    period = within.indexOf(beginning, period + 1)
  ) {
    const run = Math.max(shortestRun, 2 * period)
    if (at + period + run > bytes.length) return 0
    if (bytes.compare(bytes, at + period, at + period + run, at, at + run) === 0) return period
  }
  return 0
}

function startOfRun(bytes: Uint8Array, at: number, period: number, from: number): number {
  let start = at
  while (start > from && bytes[start - 1] === bytes[start - 1 + period]) start--
  return start
}

function endOfRun(bytes: Uint8Array, at: number, period: number): number {
  let end = at + period
  while (end < bytes.length && bytes[end] === bytes[end - period]) end++
  return end
}
