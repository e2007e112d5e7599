import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { forTerminal, linesForTerminal } from '../../text/escape.ts'
import { textRedactor } from '../../report/redact.ts'
import { exits } from '../../report/summary.ts'
import { openingsOf } from '../../run/selection/enabling-lines.ts'
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'
import { loadTarget } from '../../targets/load.ts'
import { UnexpectedResponse } from '../../targets/errors/unexpected-response.ts'
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
import { durationOption, headerOption } from '../options.ts'
import { isInteractive, Questions } from '../init/questions.ts'

interface InitFlags {
  readonly out: string
  readonly force: boolean
  readonly listen: number
  readonly hold: number
  readonly header?: readonly (readonly [string, string])[]
  readonly insecure?: boolean
  readonly ca?: string
}

const schemaHere = './node_modules/pushspec/specs/schema/target.schema.json'
const schemaElsewhere = 'https://unpkg.com/pushspec/specs/schema/target.schema.json'

/** http(s) and ws(s) URLs of one server belong to one description. */
const baseOf = (url: URL): string => `${url.protocol.replace('ws', 'http')}//${url.host}`

/** What looking at the server needs. */
interface Looking {
  readonly flags: InitFlags
  readonly io: Io
  readonly signal: AbortSignal
  /** Undefined where nobody can be asked. */
  readonly questions: Questions | undefined
}

async function surveyOne(url: string, { flags, io, signal }: Looking): Promise<Survey> {
  const { header, insecure, ca, listen, hold } = flags
  const target = await loadTarget(url, {
    env: io.env,
    ...(header === undefined ? {} : { headers: header }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(ca === undefined ? {} : { ca: resolve(io.cwd, ca) }),
  })
  const options: SurveyOptions = { listenMs: listen, holdMs: hold }
  try {
    return await survey(target, signal, options)
  } finally {
    await target.close()
  }
}

/** Nothing is there that could be judged as anything but plain HTTP. */
const isEmpty = ({ description }: Survey): boolean => Object.keys(description).every((key) => key === 'http')

/** Looks at one address; where nothing is, the user may know of another. */
async function surveyOrAsk(url: string, looking: Looking): Promise<Survey> {
  const { io, questions } = looking
  const first = await surveyOne(url, looking).catch((error: unknown) => {
    if (error instanceof UnexpectedResponse && questions !== undefined) return error
    throw error
  })
  if (questions === undefined || (!(first instanceof UnexpectedResponse) && !isEmpty(first)))
    return told(url, first, io)
  const what =
    first instanceof UnexpectedResponse ? first.message : `${withoutSecrets(url)}: ${first.seen.join('; ')}`
  io.stdout.write(`${linesForTerminal(what)}\n`)
  const path = await questions.path(url)
  return path === '' ? told(url, first, io) : surveyOrAsk(new URL(path, url).href, looking)
}

/** Says what was found. */
function told(url: string, found: Survey | UnexpectedResponse, io: Io): Survey {
  if (found instanceof UnexpectedResponse) throw found
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

async function described(urls: readonly string[], base: string, looking: Looking): Promise<string> {
  const { io, questions } = looking
  const surveys: Survey[] = []
  for (const url of urls) surveys.push(await surveyOrAsk(url, looking))
  const publish = surveys.some(isAboutUpdates) ? await questions?.publish() : undefined
  const target = await describedTarget(base, surveys, publish)
  const schema = existsSync(resolve(io.cwd, schemaHere)) ? schemaHere : schemaElsewhere
  const { all } = openingsOf(await loadCases({}, io), target)
  return descriptionText({ schema, base, sent: sentWith(looking.flags), surveys, publish, openings: all })
}

/** What the description needs where the command line had it; values of header fields are not written down. */
const sentWith = ({ header = [], insecure, ca }: InitFlags): string[] => [
  ...(header.length === 0
    ? []
    : [oneLineYaml('headers', Object.fromEntries(header.map(([name]) => [name, '${env.NAME}'])))]),
  ...(insecure === true ? [oneLineYaml('tls', { insecure })] : []),
  ...(ca === undefined ? [] : [oneLineYaml('tls', { ca })]),
]

/** Where the description goes. @throws UsageError if something is there that may not be written over. */
function fileFor({ out, force }: InitFlags, io: Io): string | undefined {
  if (out === '-') return undefined
  const file = resolve(io.cwd, out)
  if (existsSync(file) && !force)
    throw new UsageError(`${out} is there already: --force writes over it, --out names another file`)
  return file
}

async function init(urls: readonly string[], flags: InitFlags, io: Io): Promise<number> {
  const file = fileFor(flags, io)
  const bases = new Set(urls.map((url) => baseOf(parsedUrl(url))))
  if (bases.size > 1)
    throw new UsageError(`these are different servers: ${[...bases].join(', ')}; a description is of one`)
  const stop = new Interruption(io)
  const questions = file !== undefined && isInteractive(io) ? new Questions(io, stop.signal) : undefined
  try {
    const hide = textRedactor((flags.header ?? []).map(([, value]) => value))
    const text = hide(await described(urls, [...bases].join(), { flags, io, signal: stop.signal, questions }))
    if (file === undefined) io.stdout.write(text)
    else await writeFile(file, text)
    if (file !== undefined) io.stderr.write(`wrote ${flags.out}; play it with: pushspec run ${flags.out}\n`)
    return exits.ok
  } catch (error) {
    if (stop.ending === 'interrupted') return exits.interrupted
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
  program
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
    .option(
      '-H, --header <field>',
      `header field for every request, 'name: value' (repeatable)`,
      headerOption,
    )
    .option('--insecure', 'do not check the certificate of the server')
    .option('--ca <file>', 'certificates to trust (PEM)')
    .action(async (urls: string[], flags: InitFlags) => end(await init(urls, flags, io)))
}
