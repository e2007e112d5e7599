import { resolve } from 'node:path'

import { faults } from '../../../fixtures/faults/index.ts'
import { diagram } from '../../report/parts/diagram.ts'
import { linesForTerminal } from '../../text/escape.ts'
import { transcriptLines } from '../../report/parts/result-lines.ts'
import { chapterAddress, citation, isFailOrWarn, instanceName } from '../../report/result-text.ts'
import { readReport } from '../../report/read.ts'
import type { Report } from '../../report/schema.ts'
import { resultOf } from '../../report/json-case.ts'
import { reproduce } from '../../report/reproduce/reproduce.ts'
import type { Result } from '../../run/result.ts'
import { type Case, describeNeeds } from '../../chapters/chapter.ts'
import { didYouMean } from '../../documents/did-you-mean.ts'
import type { Register } from '../../chapters/register/register.ts'
import type { RegisterEntry } from '../../chapters/register/requirement.ts'
import { verbs } from '../../steps/index.ts'
import { loadCases, loadRequirements } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from '../errors.ts'
import type { Io } from '../io.ts'
import { collect } from '../options.ts'

interface ExplainFlags {
  readonly report?: string
  readonly reproduce?: boolean
  readonly specs?: readonly string[]
}

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', heading, ...lines.map((line) => `  ${line}`.trimEnd())]

function ruleLines({
  id,
  level,
  source,
  section: where,
  text,
  url,
}: Omit<RegisterEntry, 'testable'>): string[] {
  const cited = citation({ source, section: where })
  return [text, `  ${id}: ${level}, ${cited}${url === '' ? '' : ` <${url}>`}`]
}

/** Faults that break one of the rules: mistakes of servers that a case detects. */
const proofLines = (rules: ReadonlySet<string>): string[] =>
  faults
    .filter(({ breaks }) => breaks.some((rule) => rules.has(rule)))
    .map(({ id, about }) => `${about} (--break ${id})`)

const resultsIn = (report: Report, { id }: Case): Result[] =>
  report.cases.filter((one) => one.id === id).map((one) => resultOf(one, report))

function outcomeLines(entry: Case, report: Report | undefined): string[] {
  const results = report === undefined ? [] : resultsIn(report, entry)
  if (report !== undefined && results.length === 0) return ['the report has no result for this case']
  return results.flatMap(resultLines)
}

function resultLines(result: Result): string[] {
  const name = result.instance === '' ? '' : ` [${result.instance}]`
  const entries = result.transcript
  return [
    `${result.verdict}${name}${result.reason === '' ? '' : `: ${result.reason}`}`,
    ...(result.evidence === '' ? [] : [`  decided by: ${result.evidence}`]),
    ...transcriptLines(entries, entries.length).map((line) => `  ${line}`),
    ...(isFailOrWarn(result) ? reproductionLines(result) : []),
  ]
}

function reproductionLines(result: Result): string[] {
  const made = reproduce(result)
  if (typeof made === 'string') return section('Without pushspec', [`not possible: ${made}`])
  const { curl, script, remarks } = made
  if (curl !== undefined) return section('Without pushspec', [...remarks, curl])
  return section('Without pushspec: save as a .mjs file and run with Node', script.trimEnd().split('\n'))
}

/** Prints the script for the finding that `what` names; for a case or chapter, the first of its findings. */
function printScript(what: string, results: readonly Result[], io: Io): number {
  const found = results.filter(isFailOrWarn)
  const wanted =
    found.find((result) => instanceName(result) === what) ?? (what.includes(' [') ? undefined : found[0])
  if (wanted === undefined)
    throw new UsageError(
      `the report has no finding about "${what}"${found.length === 0 ? '' : `; its findings are: ${found.map(instanceName).join(', ')}`}`,
    )
  const made = reproduce(wanted)
  if (typeof made === 'string')
    throw new UsageError(`"${instanceName(wanted)}" cannot be reproduced by a script: ${made}`)
  if (found.length > 1)
    io.stderr.write(
      `${linesForTerminal(`this is ${instanceName(wanted)}, one of ${found.length} findings`)}\n`,
    )
  io.stdout.write(made.script)
  return 0
}

function explainCase(entry: Case, register: Register, report: Report | undefined): string[] {
  const [first] = entry.instances
  const rules = entry.proves.map(({ id }) => register.get(id)).filter((rule) => rule !== undefined)
  const drawn = first === undefined ? [] : diagram(first, new Map(verbs.map((verb) => [verb.name, verb])))
  const more =
    entry.instances.length > 1
      ? [`(${entry.instances.length} instances: ${entry.instances.map(({ name }) => name).join('; ')})`]
      : []
  return [
    `${entry.id} (${entry.level})`,
    entry.title,
    ...section('The rule', rules.flatMap(ruleLines)),
    ...section(
      'Why',
      [...entry.about.trim().split('\n'), ...entry.chapter.about.trim().split('\n')].filter(
        (line) => line !== '',
      ),
    ),
    ...section('The exchange', [...drawn, ...more]),
    ...section(
      'Needs',
      [describeNeeds(entry)].filter((line) => line !== ''),
    ),
    ...section('Faults that it detects', proofLines(new Set(entry.proves.map(({ id }) => id)))),
    ...section('On your server', outcomeLines(entry, report)),
  ]
}

function explainRule(rule: RegisterEntry, cases: readonly Case[]): string[] {
  const proving = cases.filter(({ proves }) => proves.some(({ id }) => id === rule.id))
  return [
    rule.id,
    ...section('The rule', ruleLines(rule)),
    ...section('How to test it', rule.sketch === '' ? [] : [rule.sketch]),
    ...section(
      'Cases',
      proving.map(({ id, title }) => `${id}: ${title}`),
    ),
    ...section('Why no case', proving.length > 0 || rule.reason === undefined ? [] : [rule.reason]),
    ...section('Faults that break it', proofLines(new Set([rule.id]))),
  ]
}

async function explain(what: string, flags: ExplainFlags, io: Io): Promise<number> {
  const cases = await loadCases(flags, io.cwd)
  const register = await loadRequirements(flags, io.cwd)
  const report =
    flags.report === undefined ? undefined : await readReport(resolve(io.cwd, flags.report), flags.report)
  const [id = ''] = what.replace(/\/+$/, '').split(' [')
  if (flags.reproduce === true && report === undefined)
    throw new UsageError(
      '--reproduce needs --report <file>: "pushspec run --reporter json=<file>" writes one',
    )
  const entry = cases.find((one) => one.id === id)
  const rule = register.get(id)
  const chapter = cases.filter((one) => chapterAddress(one) === id)
  if (entry === undefined && rule === undefined && chapter.length === 0) {
    const known = [...cases.map((one) => one.id), ...register.ids]
    throw new UsageError(`"${id}" is neither a case nor a requirement${didYouMean(id, known)}`)
  }
  if (report !== undefined && flags.reproduce === true) {
    const ids = new Set((entry === undefined ? chapter : [entry]).map((one) => one.id))
    const results = report.cases.filter((one) => ids.has(one.id)).map((one) => resultOf(one, report))
    return printScript(what, results, io)
  }
  const lines =
    rule !== undefined
      ? explainRule(rule, cases)
      : (entry === undefined ? chapter : [entry]).flatMap((one, index) => [
          ...(index === 0 ? [] : ['', '']),
          ...explainCase(one, register, report),
        ])
  io.stdout.write(`${linesForTerminal(lines.join('\n'))}\n`)
  return 0
}

export const defineExplain: DefineCommand = (program, { io, end }) => {
  program
    .command('explain')
    .description('explain a case or a requirement, with its results on your server')
    .argument('<id>', 'a case, a chapter or a requirement')
    .option('--report <file>', 'show the results in this JSON report')
    .option(
      '--reproduce',
      'print only a script for Node that reproduces the finding of the report without pushspec',
    )
    .option('--specs <folder>', 'add your own chapters from this folder (repeatable)', collect)
    .action(async (what: string, flags: ExplainFlags) => end(await explain(what, flags, io)))
}
