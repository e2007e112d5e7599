import { defaultLimits, type Limits } from '../../runner/wire/limits.ts'
import type { Finding } from '../../runner/wire/finding.ts'
import type { ParserOptions } from '../../runner/wire/parser.ts'
import { isDeepStrictEqual } from 'node:util'
import { expect } from '@jest/globals'

export interface Reader<O extends object> {
  push(bytes: Uint8Array): readonly O[]
  end(): readonly O[]
}

interface Piece {
  readonly kind: string
  readonly bytes: Uint8Array
}

export interface Reading<O extends object> {
  /** Consecutive pieces of content are joined, because their boundaries depend on the split. */
  readonly observations: readonly (O | Piece)[]
  readonly findings: readonly Finding[]
  readonly rules: readonly string[]
}

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** Passes `input` to a new parser, then the end of the connection. */
export function read<O extends object>(
  create: (options: ParserOptions) => Reader<O>,
  input: readonly Uint8Array[],
  limits: Partial<Limits> = {},
): Reading<O> {
  const findings: Finding[] = []
  const reader = create({
    limits: { ...defaultLimits, ...limits },
    onFinding: (finding) => findings.push(finding),
  })
  const observations = [...input.flatMap((piece) => reader.push(piece)), ...reader.end()]
  return { observations: joined(observations), findings, rules: findings.map(({ rule }) => rule) }
}

/** Reads `bytes` at once, and checks that every split gives the same result. */
export function readInEverySplit<O extends object>(
  create: (options: ParserOptions) => Reader<O>,
  bytes: Uint8Array,
  limits: Partial<Limits> = {},
): Reading<O> {
  const whole = read(create, [bytes], limits)
  for (const split of splits(bytes)) {
    const reading = read(create, split, limits)
    // Much faster than `toEqual`, which is needed only to show a difference.
    if (!isDeepStrictEqual(reading, whole)) expect(reading).toEqual(whole)
  }
  return whole
}

/** All splits of `bytes` in two, and into pieces of one and of three bytes. */
function splits(bytes: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from({ length: bytes.length + 1 }, (_, at) => [bytes.slice(0, at), bytes.slice(at)])
  return [...inTwo, pieces(bytes, 1), pieces(bytes, 3)]
}

export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, index) => bytes.slice(index * size, (index + 1) * size))
}

function isPiece(observation: object | undefined): observation is Piece {
  return observation !== undefined && 'bytes' in observation
}

function joined<O extends object>(observations: readonly O[]): (O | Piece)[] {
  const out: (O | Piece)[] = []
  for (const observation of observations) {
    const last = out.at(-1)
    if (isPiece(observation) && isPiece(last) && last.kind === observation.kind)
      out[out.length - 1] = {
        kind: last.kind,
        bytes: new Uint8Array(Buffer.concat([last.bytes, observation.bytes])),
      }
    else out.push(observation)
  }
  return out
}
