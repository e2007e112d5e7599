import { writeFile } from 'node:fs/promises'
import { loadCases } from './cases.ts'
import { coveredFile, coveredText } from '../spec/covered.ts'
import { processIo } from './io.ts'
import { requirementsFolder } from './paths.ts'

// For `npm run covered`.
await writeFile(coveredFile(requirementsFolder), coveredText(await loadCases({}, processIo())))
