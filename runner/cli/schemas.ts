import { BaselineFile } from '../report/baseline.ts'
import { ReportSchema } from '../report/report-schema.ts'
import { chapterSchema } from '../spec/chapter.ts'
import { RequirementFile } from '../spec/requirement.ts'
import { verbs } from '../steps/index.ts'
import { TargetDescription } from '../target/schema.ts'

const dialect = 'http://json-schema.org/draft-07/schema#'

/** The JSON Schemas that `specs/schema` holds, by file name. */
export function schemas(): Record<string, string> {
  const all = {
    chapter: chapterSchema(verbs),
    target: TargetDescription,
    requirements: RequirementFile,
    report: ReportSchema,
    baseline: BaselineFile,
  }
  return Object.fromEntries(
    Object.entries(all).map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify({ $schema: dialect, ...schema }, null, 2)}\n`,
    ]),
  )
}
