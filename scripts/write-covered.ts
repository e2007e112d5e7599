import { writeFile } from 'node:fs/promises'
import { loadCases } from '../runner/library/cases.ts'
import { requirementsFolder } from '../runner/package/paths.ts'
import { coveredFilePath, coveredFileText } from '../runner/chapters/covered-file.ts'

// For `npm run covered`.
await writeFile(coveredFilePath(requirementsFolder), coveredFileText(await loadCases()))
