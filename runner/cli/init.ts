import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { stringify } from 'yaml'

import { forTerminal } from '../report/escape.ts'
import { textRedactor } from '../report/redact.ts'
import { missingOf } from '../run/missing.ts'
import type { Case } from '../spec/chapter.ts'
import { loadTarget } from '../target/load.ts'
import type { TargetDescription } from '../target/schema.ts'
import { type Survey, survey } from '../target/survey.ts'
import type { Target } from '../target/target.ts'
import { loadCases } from './cases.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { Interruption } from './interruption.ts'
import type { Io } from './io.ts'
import { headerOption } from './options.ts'

interface InitFlags {
  readonly out: string
  readonly force: boolean
  readonly header?: readonly (readonly [string, string])[]
  readonly insecure?: boolean
  readonly ca?: string
}

const schemaLine = '# yaml-language-server: $schema=./node_modules/pushspec/specs/schema/target.schema.json'

/** http(s) and ws(s) URLs of one server belong to one description. */
const baseOf = (url: URL): string => `${url.protocol.replace('ws', 'http')}//${url.host}`

async function surveyAll(
  urls: readonly string[],
  flags: InitFlags,
  io: Io,
  signal: AbortSignal,
): Promise<Survey[]> {
  const surveys: Survey[] = []
  for (const url of urls) {
    const { header, insecure, ca } = flags
    const target = await loadTarget(url, {
      env: io.env,
      ...(header === undefined ? {} : { headers: header }),
      ...(insecure === undefined ? {} : { insecure }),
      ...(ca === undefined ? {} : { ca: resolve(io.cwd, ca) }),
    })
    try {
      surveys.push(await survey(target, signal))
    } finally {
      await target.close()
    }
  }
  return surveys
}

/** One endpoint in YAML, with what was seen above it. */
const part = ({ description, seen }: Survey): string =>
  [...seen.map((line) => `# ${forTerminal(line)}`), stringify(description, { lineWidth: 0 }).trimEnd()].join(
    '\n',
  )

/** Lines that would open cases, the most first, as comments. */
export function openings(cases: readonly Case[], target: Target): { line: string; opens: number }[] {
  const counts = new Map<string, number>()
  const missing = cases.flatMap((entry) =>
    entry.instances.map((instance) => missingOf(entry, instance, target, false)?.enable ?? ''),
  )
  for (const line of missing) if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1)
  return [...counts]
    .map(([line, opens]) => ({ line, opens }))
    .toSorted((one, other) => other.opens - one.opens)
}

/** The described endpoints and nothing else, to see what is still missing. */
async function describedTarget(base: string, surveys: readonly Survey[]): Promise<Target> {
  const bare = await loadTarget(base)
  const description: TargetDescription = Object.assign(
    { target: base },
    ...surveys.map((one) => one.description),
  )
  return bare.as(description, '')
}

async function described(base: string, surveys: readonly Survey[], io: Io): Promise<string> {
  const missing = openings(await loadCases({}, io), await describedTarget(base, surveys))
  return [
    schemaLine,
    `target: ${base}`,
    '',
    ...surveys.map((one) => `${part(one)}\n`),
    '# What a client cannot find out. Take away the # where your server has it, and put your own paths there;',
    '# ${channel} stands for a name that each case makes up, ${data} for the text of an update.',
    ...missing.map(({ line, opens }) => `# ${line}    # opens ${opens === 1 ? '1 case' : `${opens} cases`}`),
    '',
  ].join('\n')
}

async function init(urls: readonly string[], flags: InitFlags, io: Io): Promise<number> {
  const file = resolve(io.cwd, flags.out)
  if (flags.out !== '-' && existsSync(file) && !flags.force)
    throw new UsageError(`${flags.out} is there already: --force writes over it, --out names another file`)
  const bases = new Set(urls.map((url) => baseOf(parsedUrl(url))))
  if (bases.size > 1)
    throw new UsageError(`these are different servers: ${[...bases].join(', ')}; a description is of one`)
  const stop = new Interruption(io)
  try {
    const surveys = await surveyAll(urls, flags, io, stop.signal)
    const hide = textRedactor((flags.header ?? []).map(([, value]) => value))
    const written = hide(await described([...bases][0] ?? '', surveys, io))
    if (flags.out === '-') io.stdout.write(written)
    else await writeFile(file, written)
    const said = surveys.flatMap(({ seen }) => seen.map((line) => `  ${forTerminal(line)}`)).join('\n')
    io.stderr.write(
      `${said}\n${flags.out === '-' ? '' : `wrote ${flags.out}; play it with: pushspec run ${flags.out}\n`}`,
    )
    return 0
  } finally {
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
    .description('look at a server and write a commented target description')
    .argument('<urls...>', 'addresses of one server: its event stream, its WebSocket, its poll')
    .option('--out <file>', 'where to write it; - is stdout', 'pushspec.yaml')
    .option('--force', 'write over a file that is there', false)
    .option(
      '-H, --header <field>',
      `header field for every request, 'name: value' (repeatable)`,
      headerOption,
    )
    .option('--insecure', 'do not check the certificate of the server')
    .option('--ca <file>', 'certificates to trust (PEM)')
    .action(async (urls: string[], flags: InitFlags) => end(await init(urls, flags, io)))
}
