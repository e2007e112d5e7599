import { BaselineFile } from '../runner/report/baseline.ts'
import { ReportSchema } from '../runner/report/schema.ts'
import { chapterJsonSchema } from '../runner/chapters/chapter-schema.ts'
import { RequirementFile } from '../runner/chapters/register/requirement.ts'
import { verbs } from '../runner/steps/index.ts'
import { TargetDescription } from '../runner/targets/description/schema.ts'

const dialect = 'http://json-schema.org/draft-07/schema#'

/** The JSON Schemas that `specs/schema` holds, by file name. */
export function schemas(): Record<string, string> {
  const all = {
    chapter: chapterJsonSchema(verbs),
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
