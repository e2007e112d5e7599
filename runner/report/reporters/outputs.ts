import { closeSync, openSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Result } from '../../run/result.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'
import { errorCode } from '../../documents/type-guards.ts'
import type { Output, Reporter, ReporterFactory, ReportSettings, RunEnd, RunStart } from '../reporter.ts'
import { ReportError } from '../errors.ts'
import { reporters as allReporters } from './index.ts'

/** One `--reporter`; without a file the report goes to stdout. */
export interface RequestedReport {
  readonly factory: ReporterFactory
  readonly file: string | undefined
}

/** Parses `name[=file]`; `-` means stdout. @throws ReportError for an unknown name or an empty file name. */
export function parseReporter(
  text: string,
  factories: readonly ReporterFactory[] = allReporters,
): RequestedReport {
  const [, name = '', equals, file = ''] = /^([^=]*)(=?)(.*)$/s.exec(text) ?? []
  const factory = factories.find((one) => one.name === name)
  const names = factories.map((one) => one.name)
  if (factory === undefined)
    throw new ReportError(
      `unknown reporter "${name}"${didYouMean(name, names)}; the reporters are ${names.join(', ')}`,
    )
  if (equals !== '' && file === '')
    throw new ReportError(`"--reporter ${text}" has no file name: write ${name}=report.txt, for example`)
  return { factory, file: equals === '' || file === '-' ? undefined : file }
}

/**
 * Parses all `--reporter` options. Adds the terminal report if no other report goes to stdout.
 * @throws ReportError if two reports go to stdout or to one file.
 */
export function parseReporters(
  texts: readonly string[],
  factories: readonly ReporterFactory[] = allReporters,
): RequestedReport[] {
  const wanted = texts.map((text) => parseReporter(text, factories))
  const onStdout = wanted.filter((one) => one.file === undefined && one.factory.mixesWithOthers !== true)
  if (onStdout.length > 1) {
    const names = onStdout.map((one) => one.factory.name).join(' and ')
    throw new ReportError(
      `only one report can go to stdout, not ${names}: give the others a file (name=file)`,
    )
  }
  const files = wanted.flatMap((one) => one.file ?? [])
  const twice = files.find((file, index) => files.indexOf(file) !== index)
  if (twice !== undefined) throw new ReportError(`two reports would be written to ${twice}`)
  return onStdout.length === 1 ? wanted : [parseReporter('terminal', factories), ...wanted]
}

const causes: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  ENOSPC: 'no space left on the device',
}

function cannotWrite(file: string, error: unknown): ReportError {
  return new ReportError(`cannot write the report ${file}: ${causes[errorCode(error)] ?? String(error)}`, {
    cause: error,
  })
}

/** Writes without buffering, so that memory stays bounded and a killed run leaves its results. */
class FileOutput implements Output {
  readonly isTTY = false
  readonly colour = false
  readonly columns = 110
  readonly #file: string
  readonly #descriptor: number

  constructor(file: string, cwd: string) {
    this.#file = file
    this.#descriptor = this.#try(() => openSync(resolve(cwd, file), 'w'))
  }

  write(text: string): void {
    this.#try(() => writeFileSync(this.#descriptor, text))
  }

  close(): void {
    this.#try(() => closeSync(this.#descriptor))
  }

  #try<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw cannotWrite(this.#file, error)
    }
  }
}

/** Passes everything to several reporters. */
class CombinedReporter implements Reporter {
  readonly #members: readonly Reporter[]
  readonly #files: readonly FileOutput[]

  constructor(members: readonly Reporter[], files: readonly FileOutput[]) {
    this.#members = members
    this.#files = files
  }

  start(run: RunStart): void {
    for (const member of this.#members) member.start(run)
  }

  result(result: Result): void {
    for (const member of this.#members) member.result(result)
  }

  async end(end: RunEnd): Promise<void> {
    const ended = await Promise.allSettled(this.#members.map(async (member) => member.end(end)))
    for (const file of this.#files) file.close()
    for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason
  }
}

/**
 * Opens the requested reports. Files are relative to `cwd`; they are truncated now and closed by `end`.
 * @throws ReportError for a file that cannot be written.
 */
export function openReporters(
  wanted: readonly RequestedReport[],
  to: { stdout: Output; cwd: string; settings: ReportSettings },
): Reporter {
  const files: FileOutput[] = []
  const members = wanted.map(({ factory, file }) => {
    if (file === undefined) return factory.create(to.stdout, to.settings)
    const out = new FileOutput(file, to.cwd)
    files.push(out)
    return factory.create(out, to.settings)
  })
  return new CombinedReporter(members, files)
}
