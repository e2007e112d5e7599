import { wantsColour } from '../report/parts/colour.ts'
import type { Output } from '../report/reporter.ts'

/** An output stream with the members that commands use. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** A source of SIGINT and SIGTERM. */
export interface Signals {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

/** Everything that a command uses of its process. */
export interface Io {
  /** Input of the user; without it no questions are asked. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Default: this process. */
  readonly signals?: Signals
}

export const processIo = (): Io => ({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
})

const defaultColumns = 110

/** Stdout as an output for reporters. `colour` is false with `--no-color`. */
export function stdoutOutput(io: Io, colour: boolean): Output {
  const isTTY = io.stdout.isTTY === true
  return {
    write: (text) => void io.stdout.write(text),
    isTTY: isTTY && io.env['TERM'] !== 'dumb' && (io.env['CI'] ?? '') === '',
    colour: wantsColour(io.env, isTTY, colour),
    get columns() {
      return io.stdout.columns || defaultColumns
    },
  }
}
