import { writeFile } from 'node:fs/promises'
import { loadCases } from '../runner/library/cases.ts'
import { coveredFilePath, coveredFileText } from '../runner/chapters/covered-file.ts'
import { processIo } from '../runner/cli/io.ts'
import { requirementsFolder } from '../runner/library/paths.ts'

// For `npm run covered`.
await writeFile(coveredFilePath(requirementsFolder), coveredFileText(await loadCases({}, processIo())))
