import { json } from './json.ts'
import type { ReporterFactory } from './reporter.ts'
import { terminal } from './terminal.ts'

/** Every reporter; a new one is a new file and a line here. */
export const reporters: readonly ReporterFactory[] = [terminal, json]
