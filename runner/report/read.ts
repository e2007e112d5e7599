import { readFile } from 'node:fs/promises'
import { Ajv } from 'ajv'
import { errorCode } from '../documents/type-guards.ts'
import { ReportError } from './errors.ts'
import { type Report, ReportSchema } from './schema.ts'
import { completeReport } from './truncated.ts'

const validate = new Ajv({ allErrors: false, strict: false }).compile<Report>(ReportSchema)

/** Reads a JSON report, also one of a run that was killed. @throws ReportError that says what is wrong with the file. */
export async function readReport(file: string, name = file): Promise<Report> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const why =
      errorCode(error) === 'ENOENT'
        ? `there is no such file; "pushspec run --reporter json=${name}" writes one`
        : String(error)
    throw new ReportError(`cannot read the report ${name}: ${why}`, { cause: error })
  })
  const value = parsed(text, name)
  if (validate(value)) return value
  const [error] = validate.errors ?? []
  throw new ReportError(
    `${name} is not a pushspec report: ${error?.instancePath ?? ''} ${error?.message ?? ''}; "pushspec run --reporter json=${name}" writes one`,
  )
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const report = completeReport(text)
    if (report !== undefined) return report
    throw new ReportError(`${name} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
