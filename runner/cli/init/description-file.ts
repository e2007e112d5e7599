import { parse, stringify } from 'yaml'

import { forTerminal } from '../../text/escape.ts'
import { opensWhat } from '../../report/parts/verifiability.ts'
import type { Opening } from '../../run/selection/enabling-lines.ts'
import { isMapping, textOf } from '../../documents/plain.ts'
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'
import { TargetDescription } from '../../targets/description/schema.ts'
import type { Survey } from '../../targets/survey/result.ts'

export interface Draft {
  /** Where editors find the schema: a path or a URL. */
  readonly schema: string
  readonly base: string
  /** Lines for what came from the command line while looking. */
  readonly sent: readonly string[]
  readonly surveys: readonly Survey[]
  /** What the user said, if anything. */
  readonly publish: TargetDescription['publish']
  /** Lines that would open more, the best first. */
  readonly openings: readonly Opening[]
}

const comment = (text: string): string => `# ${forTerminal(text)}`
const keyOf = (line: string): string => line.slice(0, line.indexOf(':'))

/** A target description with what was seen; what only its author can know stands there as comments. */
export function descriptionText({ schema, base, sent, surveys, publish, openings }: Draft): string {
  const taken = new Set(['target', ...(publish === undefined ? [] : ['publish'])])
  const parts = surveys.map((survey) => partText(survey, openings, taken))
  const rest = openings.filter(({ line }) => !taken.has(keyOf(line)))
  return [
    `# yaml-language-server: $schema=${schema}`,
    '# Written by pushspec init. What no client can see from outside stands behind a #: take the # away where it holds',
    '# for your server, and put your own values there; nothing has to be added before the first run.',
    '# ${channel} is a name that each case makes up, ${data} the text of an update.',
    `target: ${base}`,
    ...sent.map((line) => comment(`${line} # as on the command line of init`)),
    ...(publish === undefined ? [] : [oneLineYaml('publish', publish)]),
    '',
    ...parts,
    ...(rest.length === 0 ? [] : ['# What else it may have:', ...plainestOfEach(rest)]),
    '',
  ].join('\n')
}

/** One line for each key, the one that claims the least; how it publishes comes first. */
function plainestOfEach(openings: readonly Opening[]): string[] {
  const keys = new Set(openings.map(({ line }) => keyOf(line)))
  const ordered = keys.delete('publish') ? ['publish', ...keys] : [...keys]
  return ordered.flatMap((key) => {
    const same = openings.filter(({ line }) => keyOf(line) === key)
    const [first] = same.toSorted((one, other) => one.line.length - other.line.length)
    return first === undefined ? [] : [comment(`${first.line} # ${opensWhat(first)}`)]
  })
}

/** What was seen at one address, and its keys; a key that is taken already can stand there only as a comment. */
function partText({ description, seen }: Survey, openings: readonly Opening[], taken: Set<string>): string {
  const blocks = Object.entries(description).flatMap(([key, value]) => {
    if (taken.has(key))
      return [
        `# A description has only one "${key}"; this one is left out:`,
        comment(oneLineYaml(key, value)),
      ]
    taken.add(key)
    return [stringify({ [key]: value }, { lineWidth: 0 }).trimEnd(), ...memberLines(key, value, openings)]
  })
  return [...seen.map(comment), ...blocks, ''].join('\n')
}

/** Members that the endpoint may have besides, as comments with what they are about. */
function memberLines(key: string, value: unknown, openings: readonly Opening[]): string[] {
  const known = new Set(isMapping(value) ? Object.keys(value) : [])
  return openings.flatMap((opening) => {
    const members: unknown = keyOf(opening.line) === key ? parse(opening.line) : {}
    const its = isMapping(members) && isMapping(members[key]) ? Object.entries(members[key]) : []
    // What was seen says otherwise.
    if (its.some(([name, wanted]) => isOther(value, name, wanted))) return []
    const added = its.filter(([name]) => !known.has(name))
    for (const [name] of added) known.add(name)
    const what = added.length === 1 ? [opensWhat(opening)] : []
    return added.map(
      ([name, example]) =>
        `  # ${oneLineYaml(name, example)} # ${[...aboutOf(key, name), ...what].join('; ')}`,
    )
  })
}

/** Whether a description has another value there. */
const isOther = (value: unknown, name: string, wanted: unknown): boolean =>
  isMapping(value) && value[name] !== undefined && JSON.stringify(value[name]) !== JSON.stringify(wanted)

/** What the schema says of a member. */
function aboutOf(key: string, name: string): string[] {
  const schema: unknown = Reflect.get(TargetDescription.properties, key)
  const members = isMapping(schema) && isMapping(schema['properties']) ? schema['properties'] : {}
  const member = members[name]
  const about = isMapping(member) ? textOf(member['description']) : ''
  return about === '' ? [] : [about]
}
