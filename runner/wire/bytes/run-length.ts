import { buffer } from './bytes.ts'

/** `length` bytes that repeat `bytes`; not repeated if both have the same length. */
export interface ByteRun {
  readonly bytes: Uint8Array
  readonly length: number
}

/** The longest period that is detected. A masked text of n bytes repeats after at most 4 n bytes. */
const longestPeriod = 256
/** Shorter repetitions are not encoded. */
const shortestRun = 64
/** Repetitions are searched at every 32nd byte, then extended backwards. */
const stride = 32

/** Run-length encodes `bytes`; undefined if the runs would hold more than `most` bytes together. */
export function runLengthEncode(bytes: Uint8Array, most = 32 * 1024): ByteRun[] | undefined {
  const runs: ByteRun[] = []
  let written = 0
  let from = 0
  const write = (to: number): void => {
    if (to > from) runs.push({ bytes: bytes.slice(from, to), length: to - from })
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
    runs.push({ bytes: bytes.slice(start, start + period), length: from - start })
  }
  write(bytes.length)
  return written <= most ? runs : undefined
}

/** The period of the bytes from `at`; 0 if they do not repeat. */
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
