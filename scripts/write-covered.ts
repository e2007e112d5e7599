import { writeFile } from 'node:fs/promises'
import { loadCases } from '../runner/library/cases.ts'
import { coveredFile, coveredText } from '../runner/chapters/covered-file.ts'
import { requirementsFolder } from '../runner/package/paths.ts'

// For `npm run covered`.
await writeFile(coveredFile(requirementsFolder), coveredText(await loadCases()))
