/** One member of `Sec-WebSocket-Extensions`; a parameter without a value is `true`. */
export interface Offer {
  readonly name: string
  readonly params: readonly (readonly [name: string, value: string | true])[]
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const blanks = '[ \\t]*'
// RFC 6455 section 9.1: a quoted value must be a token as well, after unescaping.
const parameter = `(${token})(?:${blanks}=${blanks}(?:(${token})|"((?:[^"\\\\]|\\\\.)*)"))?`
const parameterAt = new RegExp(`${blanks};${blanks}${parameter}`, 'y')
const nameAt = new RegExp(`${blanks}(${token})`, 'y')
const separatorAt = new RegExp(`${blanks}(,|$)`, 'y')
const wholeToken = new RegExp(`^${token}$`)

/** Reads `Sec-WebSocket-Extensions` (RFC 6455 section 9.1); undefined if it breaks the grammar. */
export function parseExtensions(value: string): Offer[] | undefined {
  const offers: Offer[] = []
  let at = 0
  do {
    // Empty members of a list are allowed and ignored (RFC 9110 section 5.6.1).
    const empty = matchAt(separatorAt, value, at)
    if (empty !== undefined) {
      at += empty[0].length
      continue
    }
    const read = readOffer(value, at)
    if (read === undefined) return undefined
    offers.push(read.offer)
    at = read.end
  } while (at < value.length)
  return offers.length === 0 ? undefined : offers
}

function readOffer(value: string, from: number): { offer: Offer; end: number } | undefined {
  const name = matchAt(nameAt, value, from)
  if (name?.[1] === undefined) return undefined
  const params: [string, string | true][] = []
  let at = from + name[0].length
  for (let read = matchAt(parameterAt, value, at); read; read = matchAt(parameterAt, value, at)) {
    const given = read[2] ?? read[3]?.replace(/\\(.)/g, '$1')
    if (given !== undefined && !wholeToken.test(given)) return undefined
    params.push([read[1] ?? '', given ?? true])
    at += read[0].length
  }
  const separator = matchAt(separatorAt, value, at)
  return separator && { offer: { name: name[1], params }, end: at + separator[0].length }
}

function matchAt(pattern: RegExp, value: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(value) ?? undefined
}

/**
 * RFC 7692 section 7.1: an offer of permessage-deflate with an unknown, repeated or invalid
 * parameter is declined, and the next offer is considered. A window of 256 bytes (8 bits) for the messages of the server
 * is declined too, because zlib cannot deflate with it.
 */
export function isAcceptableDeflate({ name, params }: Offer): boolean {
  const names = new Set(params.map(([key]) => key))
  return name === 'permessage-deflate' && names.size === params.length && params.every(isKnownParameter)
}

function isKnownParameter([name, value]: readonly [string, string | true]): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === true
    case 'server_max_window_bits':
      return value !== true && /^(9|1[0-5])$/.test(value)
    case 'client_max_window_bits':
      return value === true || /^([89]|1[0-5])$/.test(value)
    default:
      return false
  }
}

/** Formats an offer for the header field. */
export function formatOffer({ name, params }: Offer): string {
  return [name, ...params.map(([key, value]) => (value === true ? key : `${key}=${value}`))].join('; ')
}
