import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { HookFailed } from '../errors/hook-failed.ts'
import { beginning, messageOf } from '../errors/text.ts'
import { endGroup, Tail } from './process-group.ts'
import { expand, namesIn, type Scope } from '../description/template.ts'

/** A command ready to be spawned. */
interface Spawnable {
  readonly file: string
  readonly args: readonly string[]
  readonly shell: boolean
  readonly env: Scope
}

const isWindows = process.platform === 'win32'

/**
 * Runs the command of a hook and waits for its end. A list is a program and its arguments; a text goes to the shell, where each
 * `${name}` becomes a reference to an environment variable, so that no value can be taken for a part of the command.
 * @throws HookFailed if it cannot be run or ends otherwise than with 0, or when `signal` aborts.
 */
export async function runCommand(
  hook: string,
  command: string | readonly string[],
  values: Scope,
  env: Scope,
  signal: AbortSignal,
): Promise<void> {
  const what = `${hook}: ${beginning(typeof command === 'string' ? command : command.join(' '))}`
  const { file, args, shell, env: more } = spawnable(command, values)
  const child = start(what, () =>
    spawn(file, args, {
      shell,
      env: { ...process.env, ...env, ...more },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: !isWindows,
      windowsHide: true,
    }),
  )
  await ended(child, what, signal)
}

function spawnable(command: string | readonly string[], values: Scope): Spawnable {
  if (typeof command === 'string')
    return { file: shellText(command, values), args: [], shell: true, env: shellValues(command, values) }
  const [file = '', ...args] = command.map((part) => expand(part, values))
  return { file, args, shell: false, env: {} }
}

/** The placeholders of the kit in a command line, each with the environment variable that replaces it. */
function shellPlaceholders(command: string, values: Scope): Map<string, string> {
  const placeholders = [...new Set(command.match(/(?<!\$)\$\{[^{}]*\}/g))]
  const ours = placeholders.filter((text) => namesIn(text).some((name) => Object.hasOwn(values, name)))
  return new Map(ours.map((text, index) => [text, `PUSHSPEC_VALUE_${index}`]))
}

function shellText(command: string, values: Scope): string {
  const variables = shellPlaceholders(command, values)
  return command.replaceAll(/\$?\$\{[^{}]*\}/g, (text) => {
    const variable = variables.get(text)
    if (variable === undefined) return text.startsWith('$$') ? text.slice(1) : text
    return isWindows ? `%${variable}%` : `\${${variable}}`
  })
}

function shellValues(command: string, values: Scope): Scope {
  const variables = [...shellPlaceholders(command, values)]
  return Object.fromEntries(variables.map(([text, variable]) => [variable, expand(text, values)]))
}

/** Spawns the process. Node throws synchronously for an argument with NUL in it. */
function start(what: string, begin: () => ChildProcess): ChildProcess {
  try {
    return begin()
  } catch (error) {
    throw new HookFailed(`${what} cannot be run: ${messageOf(error)}`, { cause: error })
  }
}

/** Milliseconds to wait for the last output of a command: a process that it leaves behind may keep the pipe open. */
const outputMs = 500

async function written(child: ChildProcess): Promise<void> {
  const bound = AbortSignal.timeout(outputMs)
  await once(child, 'close', { signal: bound }).catch((error: unknown) => {
    if (!bound.aborted) throw error
  })
}

/** A process that the command leaves behind may keep the pipe open; that must not keep this process from ending. */
function letGo({ stderr }: ChildProcess): void {
  if (stderr instanceof Socket) stderr.unref()
}

function ended(child: ChildProcess, what: string, signal: AbortSignal): Promise<void> {
  const tail = new Tail()
  child.stderr?.on('data', (chunk: Buffer) => tail.add(chunk))
  return new Promise((resolve, reject) => {
    const fail = (text: string): void => reject(new HookFailed(`${what} ${text}${tail.shown()}`))
    const stop = (): void => {
      fail('did not end in time')
      void endGroup(child)
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    child.once('error', (error) => fail(`cannot be run: ${error.message}`))
    child.once('exit', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      if (code === 0) {
        letGo(child)
        return resolve()
      }
      const how = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`
      void written(child).then(() => {
        letGo(child)
        fail(how)
      })
    })
  })
}
