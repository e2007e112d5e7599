import { verbs } from '../runner/steps/index.ts'
import type { Verb } from '../runner/steps/language/verb.ts'
import { lineFor, needs } from '../runner/targets/description/needs.ts'
import { TargetDescription } from '../runner/targets/description/schema.ts'
import { keysAsList, type Schema } from './shape.ts'

const written = '<!-- Generated from the code by `npm run docs:reference`. Change the code instead. -->'

function section(one: Verb): string {
  const schema: Schema = one.schema
  const keys = keysAsList(schema)
  return [`### ${one.name}`, schema.description ?? '', keys].filter((part) => part !== '').join('\n\n')
}

/** Every verb with its keys, from the schemas that validate chapters. */
export function verbsPage(): string {
  const does = verbs.filter(({ expects }) => !expects)
  const expects = verbs.filter((one) => one.expects)
  return `${written}

# The verbs

A step is one verb with its arguments. [The case language](case-language.md) explains the structure of chapters.
A key with \`?\` after its name is optional. Durations are written \`400ms\`, \`2s\` or \`1m\`.

## Actions

${does.map(section).join('\n\n')}

## Expectations

These steps can fail a case. Under \`given:\` they are preparation: if such a step is not met, the case is
inconclusive.

${expects.map(section).join('\n\n')}
`
}

const example: TargetDescription = { target: 'http://127.0.0.1:8080' }

/** Every key of a target description, and the line that declares each need of a case. */
export function targetPage(): string {
  const rows = needs.map((need) => `- \`${need}\`\n\n  \`\`\`yaml\n  ${lineFor(need, example)}\n  \`\`\``)
  return `${written}

# The keys of a target description

[Describing a target](targets.md) explains how to write a description. Only \`target\` is required.

${keysAsList(TargetDescription)}

## What cases need

A case lists what it \`needs\` of a target. These are the names, each with the line of a description that declares it.
The kit finds out some of them by probing the target.

${rows.join('\n')}
`
}
