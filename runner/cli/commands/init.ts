import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { forTerminal, linesForTerminal } from '../../text/escape.ts'
import { Redactor } from '../../text/redact.ts'
import { exits } from '../../report/summary.ts'
import { openingsOf } from '../../run/selection/enabling-lines.ts'
import { flowLine } from '../../targets/description/one-line-yaml.ts'
import { loadTarget } from '../../targets/load.ts'
import { Refused } from '../../targets/refused.ts'
import type { TargetDescription } from '../../targets/description/schema.ts'
import { type Survey, survey, type SurveyOptions } from '../../targets/survey/survey.ts'
import { withoutSecrets } from '../../targets/unreachable.ts'
import type { Target } from '../../targets/target.ts'
import { loadCases } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { descriptionText } from '../init/description-file.ts'
import { UsageError } from '../errors.ts'
import { Interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { durationOption } from '../options.ts'
import { addConnectionOptions, type ConnectionFlags, loadOptions } from '../target-options.ts'
import { isInteractive, Questions } from '../init/questions.ts'

interface InitFlags extends ConnectionFlags {
  readonly out: string
  readonly force: boolean
  readonly listen: number
  readonly hold: number
}

const schemaHere = './node_modules/pushspec/specs/schema/target.schema.json'
const schemaElsewhere = 'https://unpkg.com/pushspec/specs/schema/target.schema.json'

/** http(s) and ws(s) URLs of one server belong to one description. */
const baseOf = (url: URL): string => `${url.protocol.replace('ws', 'http')}//${url.host}`

/** What context at the server needs. */
interface SurveyContext {
  readonly flags: InitFlags
  readonly io: Io
  readonly signal: AbortSignal
  /** Undefined where nobody can be asked. */
  readonly questions: Questions | undefined
}

async function surveyOne(url: string, { flags, io, signal }: SurveyContext): Promise<Survey> {
  const target = await loadTarget(url, loadOptions(flags, io))
  const options: SurveyOptions = { listenMs: flags.listen, holdMs: flags.hold }
  try {
    return await survey(target, signal, options)
  } finally {
    await target.close()
  }
}

/** Nothing is there that could be judged as anything but plain HTTP. */
const isEmpty = ({ description }: Survey): boolean => Object.keys(description).every((key) => key === 'http')

/** Looks at one address; where nothing is, the user may know of another. */
async function surveyOrAsk(url: string, context: SurveyContext): Promise<Survey> {
  const { io, questions } = context
  const first = await surveyOne(url, context).catch((error: unknown) => {
    if (error instanceof Refused && questions !== undefined) return error
    throw error
  })
  if (questions === undefined || (!(first instanceof Refused) && !isEmpty(first)))
    return reportSurvey(url, first, io)
  const what = first instanceof Refused ? first.message : `${withoutSecrets(url)}: ${first.seen.join('; ')}`
  io.stdout.write(`${linesForTerminal(what)}\n`)
  const path = await questions.path(url)
  return path === '' ? reportSurvey(url, first, io) : surveyOrAsk(new URL(path, url).href, context)
}

/** Says what was found. */
function reportSurvey(url: string, found: Survey | Refused, io: Io): Survey {
  if (found instanceof Refused) throw found
  io.stderr.write(`${[withoutSecrets(url), ...found.seen].map((line) => forTerminal(line)).join('\n  ')}\n`)
  return found
}

/** The endpoints that were found and nothing else, to see what is still missing. */
async function describedTarget(
  base: string,
  surveys: readonly Survey[],
  publish: TargetDescription['publish'],
): Promise<Target> {
  const bare = await loadTarget(base)
  const found: TargetDescription = Object.assign(
    { target: base },
    ...surveys.map((one) => one.description).toReversed(),
  )
  return bare.as(publish === undefined ? found : { ...found, publish }, '')
}

const isAboutUpdates = ({ description: { sse, polling, 'long-polling': held } }: Survey): boolean =>
  sse !== undefined || polling !== undefined || held !== undefined

async function describeServer(
  urls: readonly string[],
  base: string,
  context: SurveyContext,
): Promise<string> {
  const { io, questions } = context
  const surveys: Survey[] = []
  for (const url of urls) surveys.push(await surveyOrAsk(url, context))
  const publish = surveys.some(isAboutUpdates) ? await questions?.publish() : undefined
  const target = await describedTarget(base, surveys, publish)
  const schema = existsSync(resolve(io.cwd, schemaHere)) ? schemaHere : schemaElsewhere
  const { all } = openingsOf(await loadCases(), target)
  return descriptionText({
    schema,
    base,
    commandLineSettings: commandLineSettings(context.flags),
    surveys,
    publish,
    openings: all,
  })
}

/** What the description needs where the command line had it; values of header fields are not written down. */
const commandLineSettings = ({ header = [], insecure, ca }: InitFlags): string[] => [
  ...(header.length === 0
    ? []
    : [flowLine('headers', Object.fromEntries(header.map(([name]) => [name, '${env.NAME}'])))]),
  ...(insecure === true ? [flowLine('tls', { insecure })] : []),
  ...(ca === undefined ? [] : [flowLine('tls', { ca })]),
]

/** Where the description goes. @throws UsageError if something is there that may not be written over. */
function outputFile({ out, force }: InitFlags, io: Io): string | undefined {
  if (out === '-') return undefined
  const file = resolve(io.cwd, out)
  if (existsSync(file) && !force)
    throw new UsageError(`${out} is there already: --force writes over it, --out names another file`)
  return file
}

async function init(urls: readonly string[], flags: InitFlags, io: Io): Promise<number> {
  const file = outputFile(flags, io)
  const bases = new Set(urls.map((url) => baseOf(parsedUrl(url))))
  if (bases.size > 1)
    throw new UsageError(`these are different servers: ${[...bases].join(', ')}; a description is of one`)
  const stop = new Interruption(io)
  const questions = file !== undefined && isInteractive(io) ? new Questions(io, stop.signal) : undefined
  try {
    const redactor = new Redactor((flags.header ?? []).map(([, value]) => value))
    const text = redactor.text(
      await describeServer(urls, [...bases].join(), { flags, io, signal: stop.signal, questions }),
    )
    if (file === undefined) io.stdout.write(text)
    else await writeFile(file, text)
    if (file !== undefined) io.stderr.write(`wrote ${flags.out}; play it with: pushspec run ${flags.out}\n`)
    return exits.ok
  } catch (error) {
    if (stop.status === 'interrupted') return exits.interrupted
    throw error
  } finally {
    questions?.close()
    stop.dispose()
  }
}

function parsedUrl(text: string): URL {
  if (!URL.canParse(text) || !/^(https?|wss?):/.test(text))
    throw new UsageError(
      `"${text}" is no URL that can be looked at; it begins with http://, https://, ws:// or wss://`,
    )
  return new URL(text)
}

/** Looks at a server and writes down what it is. */
export const defineInit: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('init')
    .description(
      'look at a server, with at most eight requests for each address, and write a target description',
    )
    .argument('<urls...>', 'addresses of one server: its event stream, its WebSocket, its poll')
    .option('--out <file>', 'where to write it; - is stdout', 'pushspec.yaml')
    .option('--force', 'write over a file that is there', false)
    .option(
      '--listen <duration>',
      'how long to listen to an event stream (default: 3s)',
      durationOption,
      3000,
    )
    .option(
      '--hold <duration>',
      'how long a held request may take to end (default: 30s)',
      durationOption,
      30_000,
    )
  addConnectionOptions(command).action(async (urls: string[], flags: InitFlags) =>
    end(await init(urls, flags, io)),
  )
}
