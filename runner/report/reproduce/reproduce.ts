import type { Result } from '../../run/result.ts'
import { forTerminal, truncate } from '../../text/escape.ts'
import { citation, instanceName } from '../result-text.ts'
import { secretMarker } from '../../text/redact.ts'
import { curlOf } from './curl.ts'
import { NotReproducible, type Plan, planOf } from './plan.ts'
import { scriptOf } from './script.ts'

/** A command or script that shows a finding without this kit. */
export interface Reproduction {
  /** One line for a shell, if curl can show the finding. */
  readonly curl: string | undefined
  /** A script for Node of at most 25 lines. */
  readonly script: string
  /** Limitations that the reader has to know. */
  readonly remarks: readonly string[]
}

const line = (text: string): string => forTerminal(truncate(text, 300))

/**
 * The smallest command or script that sends the same bytes and shows the response, for a result or one that was read
 * from a report; if there is none, a text with the reason.
 */
export function reproduce(result: Result): Reproduction | string {
  try {
    const plan = planOf(result.transcript)
    if (!plan.steps.some((step) => step.do === 'open')) return nothingToSend(plan, result)
    const remarks = remarksOn(plan, result)
    const curl = curlOf(plan, result)
    return { curl, script: scriptOf(plan, [...headOf(result), ...remarks]), remarks }
  } catch (error) {
    if (error instanceof NotReproducible) return error.message
    throw error
  }
}

function nothingToSend({ asides }: Plan, { transcript }: Result): string {
  const [first] = asides
  if (first !== undefined)
    return `everything was done by a client whose bytes the kit does not see: ${line(first)}`
  if (transcript.length === 0) return 'nothing was sent in this case'
  return 'the report was written by a version that did not record connections'
}

/** The finding, as comments. */
function headOf(result: Result): string[] {
  const { expected, observed, reason } = result
  return [
    line(`${instanceName(result)}: ${result.title}`),
    ...(expected === ''
      ? [line(`reason: ${reason}`)]
      : [line(`expected: ${expected}`), line(`observed: ${observed}`)]),
    ...ruleLine(result.requirements),
  ]
}

function ruleLine([first, ...others]: Result['requirements']): string[] {
  if (first === undefined) return []
  const { id, level, text, url } = first
  const also = others.length === 0 ? '' : ` (also ${others.map((one) => one.id).join(', ')})`
  return [`${line(`${id} (${level}, ${citation(first)} ${url}): ${text}`)}${line(also)}`]
}

function remarksOn({ steps, asides }: Plan, { transcript }: Result): string[] {
  const secrets = transcript.some(
    ({ direction, bytes }) => direction !== 'received' && Buffer.from(bytes).includes(secretMarker),
  )
  const [first] = asides
  const more = asides.length > 1 ? ` (and ${asides.length - 1} more)` : ''
  const isSecure = steps.some((step) => step.do === 'open' && /^(https|wss):/.test(step.url))
  return [
    ...(secrets ? [`incomplete: replace ${secretMarker} by the secret, which is not in the report`] : []),
    ...(first === undefined
      ? []
      : [line(`incomplete: this is not repeated, and its earlier result is used: ${first}${more}`)]),
    ...(isSecure ? ['the certificate of the server is not checked'] : []),
  ]
}
