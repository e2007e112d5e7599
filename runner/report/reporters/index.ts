import { badge } from './badge.ts'
import { github } from './github.ts'
import { html } from './html.ts'
import { json } from './json.ts'
import { junit } from './junit.ts'
import { markdown } from './markdown.ts'
import type { ReporterFactory } from '../reporter.ts'
import { tap } from './tap.ts'
import { terminal } from './terminal.ts'

/** Every reporter; a new one needs a file and an entry here. */
export const reporters: readonly ReporterFactory[] = [
  terminal,
  json,
  html,
  junit,
  tap,
  github,
  markdown,
  badge,
]
