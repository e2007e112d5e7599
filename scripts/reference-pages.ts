import { verbs } from '../runner/steps/index.ts'
import type { Verb } from '../runner/steps/language/verb.ts'
import { lineFor, needs } from '../runner/targets/description/needs.ts'
import { TargetDescription } from '../runner/targets/description/schema.ts'
import { keysAsList, type Schema } from './shape.ts'

const written = '<!-- Written by `npm run docs:reference` from the code. Change it there. -->'

function section(one: Verb): string {
  const schema: Schema = one.schema
  const keys = keysAsList(schema)
  return [`### ${one.name}`, schema.description ?? '', keys].filter((part) => part !== '').join('\n\n')
}

/** Every verb, with its keys, from the schemas that the loader checks chapters with. */
export function verbsPage(): string {
  const does = verbs.filter(({ expects }) => !expects)
  const expects = verbs.filter((one) => one.expects)
  return `${written}

# The verbs

A step is one verb with its arguments. How chapters are put together is told in [The case language](case-language.md).
A key with \`?\` behind its name may be left out. Durations are written \`400ms\`, \`2s\` or \`1m\`.

## What a case does

${does.map(section).join('\n\n')}

## What a case expects

These are the steps that can fail a case. Under \`given:\` they only set the scene: when such a step does not hold, the
case is inconclusive.

${expects.map(section).join('\n\n')}
`
}

const example: TargetDescription = { target: 'http://127.0.0.1:8080' }

/** Every key of a target description, and the line that gives a case what it needs. */
export function targetPage(): string {
  const rows = needs.map((need) => `- \`${need}\`\n\n  \`\`\`yaml\n  ${lineFor(need, example)}\n  \`\`\``)
  return `${written}

# The keys of a target description

How a description comes about is told in [Describing a target](targets.md). Only \`target\` is required.

${keysAsList(TargetDescription)}

## What cases need

A case says what it \`needs\` of a target. These are the names, with the line of a description that provides them. Some
are also found out by looking at the target.

${rows.join('\n')}
`
}
