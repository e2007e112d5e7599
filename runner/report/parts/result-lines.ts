import type { Result } from '../../run/result.ts'
import type { Requirement } from '../../chapters/register/requirement.ts'
import type { Direction, Entry } from '../../wire/transcript.ts'
import { showBytes } from './bytes.ts'
import { forTerminal, truncate } from '../../text/escape.ts'
import { citation, instanceName } from '../result-text.ts'

/** Number of transcript entries shown for a finding: the last ones. */
const entriesShown = 12
const bytesShown = 160
const textShown = 1000

const arrows: Readonly<Record<Direction, string>> = { sent: '->', received: '<-', note: '--' }

const plain = (text: string): string => forTerminal(truncate(text, textShown))

/** A readable duration: `0.4 ms`, `12 ms`, `3.2 s`, `2 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `instanceName`, escaped for a terminal. */
export const caseName = (result: Pick<Result, 'id' | 'instance'>): string => forTerminal(instanceName(result))

function requirementLines(requirement: Requirement): string[] {
  const { id, level, text, url } = requirement
  const where =
    url === ''
      ? forTerminal(citation(requirement))
      : `${forTerminal(citation(requirement))} <${forTerminal(url)}>`
  return [`${forTerminal(id)} (${forTerminal(level)}, ${where})`, `  ${plain(text)}`]
}

function entryLine({ at, actor, direction, what, bytes, length }: Entry): string {
  const time = `${at.toFixed(1).padStart(9)} ms`
  const shown = length === 0 ? '' : `  ${showBytes(bytes, length, bytesShown)}`
  return `${time}  ${plain(actor)} ${arrows[direction]} ${plain(what)}${shown}`
}

/** The last `most` entries, one a line: time, actor, direction, description, bytes. */
export function transcriptLines(entries: readonly Entry[], most = entriesShown): string[] {
  if (entries.length === 0) return []
  const left = Math.max(0, entries.length - most)
  const head = left === 0 ? 'transcript' : `transcript (the last ${most} of ${entries.length} entries)`
  return [head, ...entries.slice(left).map(entryLine)]
}

function labelled(label: string, text: string): string[] {
  return text === '' ? [] : [`${label.padEnd(9)} ${plain(text)}`]
}

function stepLine(result: Result): string[] {
  if (result.step === undefined) return []
  const { index, verb, at } = result.step
  return [`step      ${index + 1} (${plain(verb)}) at ${plain(at)}`]
}

/** Whether the reason contains nothing beyond the expected and observed texts. */
const isReasonRedundant = ({ reason, expected, observed }: Result): boolean =>
  expected !== '' && observed !== '' && reason.includes(expected) && reason.includes(observed)

/** The lines `expected …` and `observed …`. */
export const differenceLines = (expected: string, observed: string): string[] => [
  ...labelled('expected', expected),
  ...labelled('observed', observed),
]

/**
 * Everything about a finding except its name: expectation, observation, requirements with their sources, step, and the
 * end of the transcript. Escaped for a terminal.
 */
export function detailLines(result: Result): string[] {
  return [
    plain(result.title),
    ...(isReasonRedundant(result) ? [] : labelled('reason', result.reason)),
    ...differenceLines(result.expected, result.observed),
    ...result.requirements.flatMap(requirementLines),
    ...stepLine(result),
    ...transcriptLines(result.transcript),
  ]
}

/** The lines of a case that could not be judged. */
export function inconclusiveLines(result: Result): string[] {
  return [plain(result.title), ...labelled('reason', result.reason), ...stepLine(result)]
}
