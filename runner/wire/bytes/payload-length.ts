import { encodePayload } from './payload.ts'

type Mapping = Readonly<Record<string, unknown>>
const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
const listOrEmpty = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const wholeNumber = (value: unknown): number => (typeof value === 'number' ? value : 0)
const total = (lengths: readonly number[]): number => lengths.reduce((sum, length) => sum + length, 0)

/**
 * The number of bytes of a payload as cases write it, without building it where it may be long; of a DEFLATE stream the
 * number after inflation. A part whose value is not known yet counts as nothing.
 */
export function payloadLength(value: unknown): number {
  if (isMapping(value)) return lengthOf(value)
  return encodePayload(value).length
}

function lengthOf(value: Mapping): number {
  if ('repeat' in value) return payloadLength(value['repeat']) * wholeNumber(value['times'])
  if ('concat' in value) return total(listOrEmpty(value['concat']).map(payloadLength))
  if ('generate' in value) return wholeNumber(value['length'])
  if ('deflate' in value) return total(listOrEmpty(value['deflate']).filter(isMapping).map(inflatedLength))
  return encodePayload(value).length
}

function inflatedLength(block: Mapping): number {
  if ('stored' in block) return payloadLength(block['stored'])
  return total(
    listOrEmpty(block['fixed']).map((part) =>
      isMapping(part) && 'copy' in part ? wholeNumber(part['copy']) : payloadLength(part),
    ),
  )
}
