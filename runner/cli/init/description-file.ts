import { parse, stringify } from 'yaml'
import { forTerminal } from '../../text/escape.ts'
import { enabledCases } from '../../report/parts/enabling-lines.ts'
import type { EnablingLine } from '../../run/selection/enabling-lines.ts'
import { isMapping, textOrEmpty } from '../../documents/type-guards.ts'
import { TargetDescription } from '../../targets/description/schema.ts'
import type { Survey } from '../../targets/survey/result.ts'
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'

export interface DescriptionDraft {
  /** Where editors find the schema: a path or a URL. */
  readonly schema: string
  readonly base: string
  /** Lines for the options that were given on the command line. */
  readonly commandLineSettings: readonly string[]
  readonly surveys: readonly Survey[]
  /** The answer of the user, if any. */
  readonly publish: TargetDescription['publish']
  /** Lines that would enable more cases, the best first. */
  readonly enablingLines: readonly EnablingLine[]
}

const comment = (text: string): string => `# ${forTerminal(text)}`
const keyOf = (line: string): string => line.slice(0, line.indexOf(':'))

/** A target description with the observed keys; keys that only its author can know are comments. */
export function descriptionText({
  schema,
  base,
  commandLineSettings,
  surveys,
  publish,
  enablingLines,
}: DescriptionDraft): string {
  const taken = new Set(['target', ...(publish === undefined ? [] : ['publish'])])
  const parts = surveys.map((survey) => partText(survey, enablingLines, taken))
  const rest = enablingLines.filter(({ line }) => !taken.has(keyOf(line)))
  return [
    `# yaml-language-server: $schema=${schema}`,
    '# Written by pushspec init. Lines with a # are properties that no client can observe: remove the # from those that',
    '# apply to your server, and insert your own values. The file can be used as it is.',
    '# ${channel} is a name that each case generates, ${data} the text of an update.',
    `target: ${base}`,
    ...commandLineSettings.map((line) => comment(`${line} # from the command line of init`)),
    ...(publish === undefined ? [] : [oneLineYaml('publish', publish)]),
    '',
    ...parts,
    ...(rest.length === 0 ? [] : ['# Other properties that it may have:', ...shortestLineOfEachKey(rest)]),
    '',
  ].join('\n')
}

/** The shortest line for each key; `publish` comes first. */
function shortestLineOfEachKey(enablingLines: readonly EnablingLine[]): string[] {
  const keys = new Set(enablingLines.map(({ line }) => keyOf(line)))
  const ordered = keys.delete('publish') ? ['publish', ...keys] : [...keys]
  return ordered.flatMap((key) => {
    const same = enablingLines.filter(({ line }) => keyOf(line) === key)
    const [first] = same.toSorted((one, other) => one.line.length - other.line.length)
    return first === undefined ? [] : [comment(`${first.line} # ${enabledCases(first)}`)]
  })
}

/** The observations at one address and its keys; a key that is taken already becomes a comment. */
function partText(
  { description, seen }: Survey,
  enablingLines: readonly EnablingLine[],
  taken: Set<string>,
): string {
  const blocks = Object.entries(description).flatMap(([key, value]) => {
    if (taken.has(key))
      return [
        `# A description has only one "${key}"; this one is a comment:`,
        comment(oneLineYaml(key, value)),
      ]
    taken.add(key)
    return [
      stringify({ [key]: value }, { lineWidth: 0 }).trimEnd(),
      ...memberLines(key, value, enablingLines),
    ]
  })
  return [...seen.map(comment), ...blocks, ''].join('\n')
}

/** Other members that the endpoint may have, as comments with their descriptions. */
function memberLines(key: string, value: unknown, enablingLines: readonly EnablingLine[]): string[] {
  const known = new Set(isMapping(value) ? Object.keys(value) : [])
  return enablingLines.flatMap((enablingLine) => {
    const members: unknown = keyOf(enablingLine.line) === key ? parse(enablingLine.line) : {}
    const its = isMapping(members) && isMapping(members[key]) ? Object.entries(members[key]) : []
    // The server was observed to have another value.
    if (its.some(([name, wanted]) => hasOtherValue(value, name, wanted))) return []
    const added = its.filter(([name]) => !known.has(name))
    for (const [name] of added) known.add(name)
    const what = added.length === 1 ? [enabledCases(enablingLine)] : []
    return added.map(
      ([name, example]) =>
        `  # ${oneLineYaml(name, example)} # ${[...schemaDescription(key, name), ...what].join('; ')}`,
    )
  })
}

/** Whether the member of a mapping has another value. */
const hasOtherValue = (value: unknown, name: string, wanted: unknown): boolean =>
  isMapping(value) && value[name] !== undefined && JSON.stringify(value[name]) !== JSON.stringify(wanted)

/** The description of a member in the schema. */
function schemaDescription(key: string, name: string): string[] {
  const schema: unknown = Reflect.get(TargetDescription.properties, key)
  const members = isMapping(schema) && isMapping(schema['properties']) ? schema['properties'] : {}
  const member = members[name]
  const about = isMapping(member) ? textOrEmpty(member['description']) : ''
  return about === '' ? [] : [about]
}
