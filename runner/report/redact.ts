import type { EnablingLines } from '../run/selection/enabling-lines.ts'
import type { Result } from '../run/result.ts'
import type { Redactor } from '../text/redact.ts'
import type { Entry } from '../wire/transcript.ts'
import type { RunStart } from './reporter.ts'
import type { ByteRun } from '../wire/bytes/run-length.ts'

/** Redacts what is written before the first result. */
export function redactStart(start: RunStart, redactor: Redactor): RunStart {
  const { openings } = start
  return {
    ...start,
    target: redactor.text(start.target),
    took: redactor.text(start.took),
    abilities: start.abilities.map((ability) => ({ ...ability, enable: redactor.text(ability.enable) })),
    ...(openings === undefined ? {} : { openings: redactEnablingLines(openings, redactor) }),
  }
}

function redactEnablingLines(openings: EnablingLines, redactor: Redactor): EnablingLines {
  const redacted = (all: EnablingLines['all']) =>
    all.map((one) => ({ ...one, line: redactor.text(one.line) }))
  return { ...openings, best: redacted(openings.best), all: redacted(openings.all) }
}

/**
 * Redacts every text and byte of a result that may come from the target or its description, also a secret that is
 * spread over several writes. Members that only a chapter can set (id, verdict, level, basis, protocol,
 * requirements) stay unchanged.
 */
export function redactResult(result: Result, redactor: Redactor): Result {
  if (redactor.isEmpty) return result
  const { step } = result
  return {
    ...result,
    instance: redactor.text(result.instance),
    params: redactor.members(result.params),
    title: redactor.text(result.title),
    chapter: redactor.text(result.chapter),
    reason: redactor.text(result.reason),
    expected: redactor.text(result.expected),
    observed: redactor.text(result.observed),
    step: step && { ...step, at: redactor.text(step.at) },
    enable: redactor.text(result.enable),
    evidence: redactor.text(result.evidence),
    transcript: redactTranscript(result.transcript, redactor),
  }
}

function redactTranscript(entries: readonly Entry[], redactor: Redactor): Entry[] {
  const redactedBytes = new Map(
    byteSequences(entries).flatMap((sequence) => {
      const last = sequence.at(-1)
      const parts = redactor.parts(
        sequence.map(({ bytes }) => bytes),
        last !== undefined && isTruncated(last),
      )
      return sequence.map((entry, index) => [entry, parts[index]] as const)
    }),
  )
  return entries.map((entry) => redactEntry(entry, redactedBytes.get(entry) ?? entry.bytes, redactor))
}

function redactEntry(entry: Entry, bytes: Uint8Array, redactor: Redactor): Entry {
  const { pieces, ...rest } = entry
  const keepsPieces =
    pieces !== undefined && bytes === entry.bytes && !redactor.matches(sample(pieces, redactor))
  return {
    ...rest,
    actor: redactor.text(rest.actor),
    what: redactor.text(rest.what),
    bytes,
    // The number of bytes that are not shown stays the same.
    length: entry.length - entry.bytes.length + bytes.length,
    ...(keepsPieces ? { pieces } : {}),
    ...(rest.url === undefined ? {} : { url: redactor.text(rest.url) }),
  }
}

const isTruncated = ({ bytes, length }: Entry): boolean => length > bytes.length

/** Entries whose bytes follow each other on the wire: one actor, one direction, nothing truncated in between. */
function byteSequences(entries: readonly Entry[]): Entry[][] {
  const open = new Map<string, Entry[]>()
  const all: Entry[][] = []
  for (const entry of entries) {
    if (entry.bytes.length === 0 && entry.length === 0) continue
    const key = `${entry.direction} ${entry.actor}`
    const sequence = open.get(key) ?? []
    if (sequence.length === 0) all.push(sequence)
    sequence.push(entry)
    if (isTruncated(entry)) open.delete(key)
    else open.set(key, sequence)
  }
  return all
}

/** The bytes of the pieces with long repetitions shortened: every secret in them or across their ends stays visible. */
function sample(pieces: readonly ByteRun[], { longestForm }: Redactor): Uint8Array {
  const parts = pieces.map(({ bytes, length }) => {
    const enough = longestForm + bytes.length
    return Buffer.alloc(length <= enough ? length : enough + ((length - enough) % bytes.length), bytes)
  })
  return Buffer.concat(parts)
}
