import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option } from 'commander'
import { forTerminal, linesForTerminal } from '../../text/escape.ts'
import { Redactor } from '../../text/redact.ts'
import { exits } from '../../report/summary.ts'
import { enablingLinesOf } from '../../run/selection/enabling-lines.ts'
import { loadTarget } from '../../targets/load.ts'
import type { TargetDescription } from '../../targets/description/schema.ts'
import { survey, type SurveyOptions } from '../../targets/survey/survey.ts'
import type { Survey } from '../../targets/survey/result.ts'
import { withoutSecrets } from '../../targets/errors/unreachable.ts'
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
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'
import { UnexpectedResponse } from '../../targets/errors/unexpected-response.ts'

interface InitFlags extends ConnectionFlags {
  readonly out: string
  readonly force: boolean
  readonly listen: number
  readonly hold: number
}

const schemaHere = './node_modules/pushspec/specs/schema/target.schema.json'
const schemaElsewhere = 'https://unpkg.com/pushspec/specs/schema/target.schema.json'

/** The same base for http(s) and ws(s) URLs: one description covers both. */
const baseOf = (url: URL): string => `${url.protocol.replace('ws', 'http')}//${url.host}`

/** Everything that a survey of the server needs. */
interface SurveyContext {
  readonly flags: InitFlags
  readonly io: Io
  readonly signal: AbortSignal
  /** Undefined if the user cannot be asked. */
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

/** Whether the survey found nothing beyond plain HTTP. */
const isEmpty = ({ description }: Survey): boolean => Object.keys(description).every((key) => key === 'http')

/** Surveys one address; if there is no endpoint, asks the user for another path. */
async function surveyOrAsk(url: string, context: SurveyContext): Promise<Survey> {
  const { io, questions } = context
  const first = await surveyOne(url, context).catch((error: unknown) => {
    if (error instanceof UnexpectedResponse && questions !== undefined) return error
    throw error
  })
  if (questions === undefined || (!(first instanceof UnexpectedResponse) && !isEmpty(first)))
    return reportSurvey(url, first, io)
  const what =
    first instanceof UnexpectedResponse ? first.message : `${withoutSecrets(url)}: ${first.seen.join('; ')}`
  io.stdout.write(`${linesForTerminal(what)}\n`)
  const path = await questions.path(url)
  return path === '' ? reportSurvey(url, first, io) : surveyOrAsk(new URL(path, url).href, context)
}

/** Writes the observations to stderr. @throws UnexpectedResponse if that was the outcome. */
function reportSurvey(url: string, found: Survey | UnexpectedResponse, io: Io): Survey {
  if (found instanceof UnexpectedResponse) throw found
  io.stderr.write(`${[withoutSecrets(url), ...found.seen].map((line) => forTerminal(line)).join('\n  ')}\n`)
  return found
}

/** A target with only the endpoints that were found, to determine the lines that are missing. */
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
  const { all } = enablingLinesOf(await loadCases(), target)
  return descriptionText({
    schema,
    base,
    commandLineSettings: commandLineSettings(context.flags),
    surveys,
    publish,
    enablingLines: all,
  })
}

/** Description lines for options of the command line; values of header fields are left out. */
const commandLineSettings = ({ header = [], insecure, ca }: InitFlags): string[] => [
  ...(header.length === 0
    ? []
    : [oneLineYaml('headers', Object.fromEntries(header.map(([name]) => [name, '${env.NAME}'])))]),
  ...(insecure === true ? [oneLineYaml('tls', { insecure })] : []),
  ...(ca === undefined ? [] : [oneLineYaml('tls', { ca })]),
]

/** The path for the description; undefined for stdout. @throws UsageError for an existing file without --force. */
function outputFile({ out, force }: InitFlags, io: Io): string | undefined {
  if (out === '-') return undefined
  const file = resolve(io.cwd, out)
  if (existsSync(file) && !force)
    throw new UsageError(`${out} exists already: --force overwrites it, --out names another file`)
  return file
}

async function init(urls: readonly string[], flags: InitFlags, io: Io): Promise<number> {
  const file = outputFile(flags, io)
  const bases = new Set(urls.map((url) => baseOf(parsedUrl(url))))
  if (bases.size > 1)
    throw new UsageError(
      `these are different servers: ${[...bases].join(', ')}; a description covers one server`,
    )
  const stop = new Interruption(io)
  const questions = file !== undefined && isInteractive(io) ? new Questions(io, stop.signal) : undefined
  try {
    const redactor = new Redactor((flags.header ?? []).map(([, value]) => value))
    const text = redactor.text(
      await describeServer(urls, [...bases].join(), { flags, io, signal: stop.signal, questions }),
    )
    if (file === undefined) io.stdout.write(text)
    else await writeFile(file, text)
    if (file !== undefined)
      io.stderr.write(`wrote ${flags.out}; to play the cases: pushspec run ${flags.out}\n`)
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
    throw new UsageError(`"${text}" is not a URL with http://, https://, ws:// or wss://`)
  return new URL(text)
}

const durationWithDefault = (flags: string, about: string, duration: string): Option =>
  new Option(flags, about).argParser(durationOption).default(durationOption(duration), duration)

/** Surveys a server and writes a target description. */
export const defineInit: DefineCommand = (program, { io, end }) => {
  const command = program
    .command('init')
    .description(
      'survey a server with at most eight requests for each address, and write a target description',
    )
    .argument('<urls...>', 'URLs of one server: its event stream, WebSocket or polling endpoint')
    .option('--out <file>', 'the file to write; - means stdout', 'pushspec.yaml')
    .option('--force', 'overwrite an existing file', false)
    .addOption(durationWithDefault('--listen <duration>', 'how long to listen to an event stream', '3s'))
    .addOption(
      durationWithDefault('--hold <duration>', 'how long to wait for the end of a held request', '30s'),
    )
  addConnectionOptions(command).action(async (urls: string[], flags: InitFlags) =>
    end(await init(urls, flags, io)),
  )
}
