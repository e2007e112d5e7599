import type { Result } from '../run/result.ts'
import type { Entry } from '../wire/transcript.ts'
import { isFailOrWarn } from './result-text.ts'
import type { Report, ReportCase, ReportEntry } from './schema.ts'

/** Rounded to microseconds, which keeps the report small. */
export const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** An entry; the members that a reproduction needs are written only for findings. */
function reportEntry(entry: Entry, isForFinding: boolean): ReportEntry {
  const { at, actor, direction, what, bytes, length, pieces, ...deed } = entry
  const shown = { at: rounded(at), actor, direction, what, bytes: base64(bytes), length }
  if (!isForFinding) return entry.act === 'ask' ? { ...shown, bytes: '', length: 0 } : shown
  const all = pieces?.map((piece) => ({ ...piece, bytes: base64(piece.bytes) }))
  return { ...shown, ...deed, ...(all && { pieces: all }) }
}

/** A result in the form of the JSON report. */
export function reportCase(result: Result): ReportCase {
  const { step, ...rest } = result
  return {
    ...rest,
    params: { ...result.params },
    requirements: result.requirements.map((requirement) => requirement.id),
    ...(step === undefined ? {} : { step: { ...step } }),
    durationMs: rounded(result.durationMs),
    transcript: result.transcript.map((entry) => reportEntry(entry, isFailOrWarn(result))),
  }
}

/** The result from which `reportCase` made this case. */
export function resultOf(one: ReportCase, { requirements }: Pick<Report, 'requirements'>): Result {
  const { step, known, seenIn, evidence = '', ...rest } = one
  return {
    ...rest,
    evidence,
    requirements: one.requirements.map((id) => ({
      id,
      protocol: one.protocol,
      ...(requirements[id] ?? { source: '', section: '', level: one.level, text: '', url: '' }),
    })),
    step,
    ...(known === undefined ? {} : { known }),
    ...(seenIn === undefined ? {} : { seenIn }),
    transcript: one.transcript.map(entryOf),
  }
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64')

const entryOf = ({ bytes, pieces, ...entry }: ReportEntry): Entry => ({
  ...entry,
  bytes: bytesOf(bytes),
  ...(pieces && { pieces: pieces.map((piece) => ({ ...piece, bytes: bytesOf(piece.bytes) })) }),
})
