import type { Fault } from '../../../fixtures/proxy/variant.ts'
import { type VariantProxy, startVariantProxy } from '../../../fixtures/proxy/proxy.ts'
import { Option } from 'commander'
import type { LongPollingShape } from '../../../reference-server/updates/options.ts'
import { createReferenceServer, defaultOptions } from '../../../reference-server/index.ts'
import { errorCode } from '../../documents/type-guards.ts'
import { loadTarget } from '../../targets/load.ts'
import type { DefineCommand } from './command.ts'
import { UsageError } from '../errors.ts'
import { reportProxyDefect, faultNamed } from '../play/faults.ts'
import { Interruption } from '../interruption.ts'
import type { Io } from '../io.ts'
import { durationOption, wholeNumber } from '../options.ts'
import { referenceDescription } from '../../package/paths.ts'

const defaultPort = 8080

const timeoutStatuses = { 204: 204, 200: 200, 304: 304, 408: 408 } as const

interface ServeFlags {
  readonly port: number
  readonly host: string
  readonly hold?: number
  readonly timeoutStatus: keyof typeof timeoutStatuses
  readonly cursor: LongPollingShape['cursor']
  readonly delivers: LongPollingShape['delivers']
  readonly retry?: number
  readonly keepAlive?: number
  /** The name of a fault. */
  readonly break?: string
}

const endpoints = [
  ['POST', '/publish/{channel}', 'publishes the content'],
  ['GET', '/poll/{channel}?since=N', 'polling'],
  ['GET', '/wait/{channel}?since=N&wait=MS', 'long-polling'],
  ['GET', '/events/{channel}', 'Server-Sent Events'],
  ['GET', '/waiters/{channel}', 'counts the waiting clients'],
  ['WS', '/echo', 'WebSocket that echoes'],
  ['WS', '/ws/{channel}', 'WebSocket that delivers updates'],
] as const

function welcome(url: URL, fault?: Fault): string {
  const lines = endpoints.map(
    ([method, path, about]) => `  ${method.padEnd(4)}  ${path.padEnd(32)}  ${about}`,
  )
  const broken = fault === undefined ? '' : `with the fault ${fault.id}: ${fault.about}\n`
  return `reference server at ${url.origin}\n${broken}${lines.join('\n')}\nCtrl-C stops it\n`
}

const refusals: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use; --port 0 chooses a free one',
  EACCES: 'permission denied; ports below 1024 often need more privileges',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'no such host',
}

function cannotListen(error: unknown, { host, port }: ServeFlags): unknown {
  const why = refusals[errorCode(error)]
  return why === undefined ? error : new UsageError(`cannot listen on ${host} port ${port}: ${why}`)
}

/** The options for long-polling responses. */
const shapeOf = ({ timeoutStatus, cursor, delivers }: ServeFlags): LongPollingShape => ({
  timeoutStatus: timeoutStatuses[timeoutStatus],
  cursor,
  delivers,
})

async function serve(flags: ServeFlags, io: Io): Promise<number> {
  const fault = flags.break === undefined ? undefined : faultNamed(flags.break)
  const server = createReferenceServer({
    ...fault?.reference,
    longPolling: shapeOf(flags),
    ...(flags.hold === undefined
      ? {}
      : { holdMs: flags.hold, maxHoldMs: Math.max(flags.hold, defaultOptions.maxHoldMs) }),
    ...(flags.retry === undefined ? {} : { retryMs: flags.retry }),
    ...(flags.keepAlive === undefined ? {} : { keepAliveMs: flags.keepAlive }),
  })
  const stop = new Interruption(io)
  try {
    const proxied = fault?.connection !== undefined
    // With a fault, the proxy listens on the requested port and the server on any free port.
    const [port, host] = proxied ? [0, '127.0.0.1'] : [flags.port, flags.host]
    const own = await server.listen(port, host).catch((error: unknown) => {
      throw cannotListen(error, flags)
    })
    const proxy = fault !== undefined && proxied ? await inFrontOf(own, fault, flags, io) : undefined
    io.stdout.write(welcome(proxy?.url ?? own, fault))
    await stop.wait()
    await proxy?.close()
    return 0
  } finally {
    await server.close()
    stop.dispose()
  }
}

async function inFrontOf(server: URL, fault: Fault, flags: ServeFlags, io: Io): Promise<VariantProxy> {
  const { description } = await loadTarget(referenceDescription)
  const { port, host } = flags
  return startVariantProxy(server, description, fault, { port, host, onDefect: reportProxyDefect(io) }).catch(
    (error: unknown) => {
      throw cannotListen(error, flags)
    },
  )
}
/** A duration as an option takes it: `25s` or `200ms`. */
const inWords = (ms: number): string => (ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`)

/** An option with these choices; the first is the default. */
const oneOf = (flags: string, about: string, words: readonly [string, ...string[]]): Option =>
  new Option(flags, about).choices(words).default(words[0])

export const defineServe: DefineCommand = (program, { io, end }) => {
  program
    .command('serve')
    .description('run the reference server')
    .option('--port <number>', 'port to listen on; 0 chooses a free one', wholeNumber(0, 65_535), defaultPort)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--hold <duration>',
      `how long to hold a long-poll (default: ${inWords(defaultOptions.holdMs)})`,
      durationOption,
    )
    .addOption(
      oneOf('--timeout-status <status>', 'status of the response to a long-poll that times out', [
        '204',
        '200',
        '304',
        '408',
      ]),
    )
    .addOption(
      oneOf('--cursor <place>', 'place of the cursor of a long-poll', [
        'query',
        'header',
        'json',
        'validators',
      ]),
    )
    .addOption(
      oneOf('--delivers <what>', 'which updates the response to a long-poll contains', [
        'many',
        'one',
        'last',
      ]),
    )
    .option(
      '--retry <duration>',
      `reconnection time of event streams (default: ${inWords(defaultOptions.retryMs)})`,
      durationOption,
    )
    .option(
      '--keep-alive <duration>',
      `interval of comments on event streams (default: ${inWords(defaultOptions.keepAliveMs)})`,
      durationOption,
    )
    .option('--break <fault>', 'add this fault (pushspec prove --list lists all)')
    .action(async (flags: ServeFlags) => end(await serve(flags, io)))
}
