import net from 'node:net'

import { bytesExpression, quotedText } from './byte-literal.ts'
import { NotReproducible, type Plan, type Step } from './plan.ts'

const mostLines = 25
const mostSteps = 400
const mostCharacters = 128 * 1024
/** Repeated bytes longer than this get a name. */
const longestRepeated = 60
/** The kernel accepts at least this number of bytes at once. */
const longestUnawaited = 16 * 1024

type SendStep = Extract<Step, { do: 'send' }>
type OpenStep = Extract<Step, { do: 'open' }>

const isSend = (step: Step): step is SendStep => step.do === 'send'
/** Size of the parts that are written one after the other; 0 if the bytes are written at once without waiting. */
const partSize = ({ chop, pieces }: SendStep): number => {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return chop > 0 ? chop : length > longestUnawaited ? length : 0
}
const isOpen = (step: Step): step is OpenStep => step.do === 'open'
const isSecure = ({ protocol }: URL): boolean => protocol === 'https:' || protocol === 'wss:'

const show = String.raw`const show = (bytes) => bytes.toString('latin1').replace(/[^ -~]/g, (c) => ({ '\r': '\\r', '\n': '\\n\n    ' })[c] ?? '\\x' + c.charCodeAt().toString(16).padStart(2, '0'))`

/** Opens a connection that counts and prints received bytes. */
const opening = [
  'const open = (name, connect) => new Promise((done) => {',
  '  const socket = Object.assign(connect().setNoDelay(), { got: 0, look: () => {} })',
  '  const note = (count, text) => { socket.got += count; console.log(`${name} <- ${text}`); socket.look() }',
  "  socket.on('connect', () => done(socket)).on('error', ({ code }) => done(socket, note(Infinity, code))).on('end', () => note(Infinity, 'FIN'))",
  "  socket.on('data', (bytes) => note(bytes.length, `${bytes.length} bytes: ${show(bytes.subarray(0, 4000))}`))",
  '})',
]

/** Waits until this number of bytes has arrived in all or the connection has ended, at most `ms` milliseconds. */
const waiting = [
  'const until = (ms, socket, bytes) => new Promise((done) => {',
  '  socket.look = () => socket.got >= bytes && done()',
  '  setTimeout(done, ms, socket.look())',
  '})',
]

const resting = 'const rest = (ms) => new Promise((done) => setTimeout(done, ms))'
const chopping =
  'setTimeout(process.exit, 120_000, 1); const chop = async (socket, size, bytes) => { for (let at = 0; at < bytes.length; at += size) await new Promise((next) => socket.write(bytes.slice(at, at + size), () => setImmediate(next))) }'

const channelName = /pushspec-[0-9a-f]{12}/
const newChannel = "const channel = 'pushspec-' + Math.random().toString(16).slice(2, 14).padEnd(12, '0')"

/** The statements of a plan and the declarations that they use. */
class Statements {
  /** Declarations before the statements. */
  readonly names: string[] = []
  readonly steps: string[]
  readonly #connects = new Map<string, string>()
  readonly #repeated = new Map<string, string>()
  readonly #secure: ReadonlySet<number>
  readonly #channel: string | undefined

  constructor({ steps }: Plan) {
    const opens = steps.filter(isOpen)
    this.#secure = new Set(
      opens.filter(({ url }) => isSecure(new URL(url))).map(({ connection }) => connection),
    )
    const literals = steps.filter(isSend).map(({ pieces }) => bytesExpression(pieces))
    this.#channel = literals.map((text) => channelName.exec(text)?.[0]).find((name) => name !== undefined)
    if (this.#channel !== undefined) this.names.push(newChannel)
    for (const { url } of opens) this.#declareConnect(url)
    for (const text of literals.filter((one, index) => literals.indexOf(one) < index))
      this.#declareBytes(text)
    this.steps = steps.map((step) => this.#statement(step))
  }

  #declareConnect(url: string): void {
    if (this.#connects.has(url)) return
    const name = this.#connects.size === 0 ? 'server' : `server${this.#connects.size + 1}`
    this.#connects.set(url, name)
    this.names.push(`const ${name} = () => ${connectOf(new URL(url))}`)
  }

  #declareBytes(text: string): void {
    if (text.length <= longestRepeated || this.#repeated.has(text)) return
    const name = `bytes${this.#repeated.size + 1}`
    this.#repeated.set(text, name)
    this.names.push(`const ${name} = ${this.#onChannel(text)}`)
  }

  /** Uses a new channel, because an old one may still have updates. All literals are in single quotes. */
  #onChannel = (text: string): string =>
    this.#channel === undefined ? text : text.replaceAll(this.#channel, "' + channel + '")

  #statement(step: Step): string {
    if (step.do === 'rest') return `await rest(${step.ms})`
    const socket = `c${step.connection}`
    switch (step.do) {
      case 'open':
        return `const ${socket} = await open(${quotedText(step.name)}, ${this.#connects.get(step.url)})`
      case 'send':
        return this.#send(socket, step)
      case 'await':
        return `await until(${step.ms}, ${socket}, ${step.bytes})`
      case 'close':
        return `${socket}.end(() => ${socket}.destroy())`
      case 'reset':
        return `${socket}.write('', () => ${socket}.${this.#secure.has(step.connection) ? 'destroy' : 'resetAndDestroy'}())`
      default:
        return `${socket}.${step.do}()`
    }
  }

  #send(socket: string, step: SendStep): string {
    const text = bytesExpression(step.pieces)
    const size = partSize(step)
    const bytes = this.#repeated.get(text) ?? this.#onChannel(text)
    return size > 0 ? `await chop(${socket}, ${size}, ${bytes})` : `${socket}.write(${bytes})`
  }
}

function connectOf(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = url.port === '' ? (isSecure(url) ? 443 : 80) : Number(url.port)
  const where = `host: ${quotedText(host)}, port: ${port}, allowHalfOpen: true`
  if (!isSecure(url)) return `net.connect({ ${where} })`
  const servername = net.isIP(host) === 0 ? `, servername: ${quotedText(host)}` : ''
  return `tls.connect({ ${where}${servername}, ALPNProtocols: ['http/1.1'], rejectUnauthorized: false })`
}

/** `parts` distributed evenly over at most `most` lines. */
function packed(parts: readonly string[], most: number): string[] {
  const size = Math.ceil(parts.length / most)
  return Array.from({ length: Math.ceil(parts.length / size) }, (_, line) =>
    parts.slice(line * size, (line + 1) * size).join('; '),
  )
}

/**
 * A script for Node without dependencies, of at most 25 lines, that carries out a plan and prints received bytes;
 * `about` becomes the comment at the top.
 * @throws NotReproducible if the script would be too long.
 */
export function scriptOf(plan: Plan, about: readonly string[]): string {
  const { steps } = plan
  if (steps.length > mostSteps)
    throw new NotReproducible(`the exchange has ${steps.length} steps, too many for a short script`)
  const opens = steps.filter(isOpen)
  const { names, steps: statements } = new Statements(plan)
  const modules = new Set(opens.map(({ url }) => (isSecure(new URL(url)) ? 'tls' : 'net')))
  const before = [
    ...about.map((line) => `// ${line}`),
    [...modules].map((name) => `import ${name} from 'node:${name}'`).join('; '),
    show,
    ...opening,
    ...waiting,
    ...(steps.some(({ do: what }) => what === 'rest') ? [resting] : []),
    ...(steps.some((step) => isSend(step) && partSize(step) > 0) ? [chopping] : []),
  ]
  const gone = new Set(
    steps.flatMap((step) => (step.do === 'close' || step.do === 'reset' ? [step.connection] : [])),
  )
  const watched = opens.map(({ connection }) => connection).filter((connection) => !gone.has(connection))
  const last = `await Promise.all([${watched.map((connection) => `c${connection}`).join(', ')}].map((one) => until(${plan.watchMs}, one, Infinity))); process.exit()`
  const room = mostLines - before.length - 1
  const namesRoom = Math.min(names.length, Math.max(1, room - statements.length), Math.floor(room / 2))
  const lines = [...before, ...packed(names, namesRoom), ...packed(statements, room - namesRoom), last]
  const text = `${lines.join('\n')}\n`
  if (text.length > mostCharacters)
    throw new NotReproducible(`a script that repeats the exchange would have ${text.length} characters`)
  return text
}
