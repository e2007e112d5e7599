import type { DeflateOptions } from './deflate.ts'
import type { Extension } from './extensions.ts'
import type { Finding } from '../finding.ts'

const deflateName = 'permessage-deflate'
type Params = ReadonlyMap<string, string | true>

/** The known parameters: whether they have a value, and the rule on their syntax (RFC 7692 section 7.1). */
const knownParameters = {
  server_no_context_takeover: { hasValue: false, rule: 'pmd-snct-no-value' },
  client_no_context_takeover: { hasValue: false, rule: 'pmd-cnct-no-value' },
  server_max_window_bits: { hasValue: true, rule: 'pmd-smwb-format' },
  client_max_window_bits: { hasValue: true, rule: 'pmd-cmwb-format' },
} as const

const isKnown = (name: string): name is keyof typeof knownParameters => Object.hasOwn(knownParameters, name)
const isWindowBits = (value: string | true | undefined): value is string =>
  typeof value === 'string' && /^(?:[89]|1[0-5])$/.test(value)

/** The options of both sides after a response with `params`. An invalid value counts as absent. */
export function agreedDeflate(params: Extension['params']): {
  server: DeflateOptions
  client: DeflateOptions
} {
  const map: Params = new Map(params)
  const of = (side: 'server' | 'client'): DeflateOptions => {
    const bits = map.get(`${side}_max_window_bits`)
    return {
      noContextTakeover: map.has(`${side}_no_context_takeover`),
      windowBits: isWindowBits(bits) ? Number(bits) : 15,
    }
  }
  return { server: of('server'), client: of('client') }
}

/**
 * Checks the extensions of a handshake response against those of the offer (RFC 7692 sections 5 and 7). The response
 * does not say which of several offers it accepts, so it is compared with the offer that it fits best.
 */
export function checkDeflateResponse(response: readonly Extension[], offer: readonly Extension[]): Finding[] {
  const accepted = response.filter(({ name }) => name === deflateName)
  const [first] = accepted
  if (first === undefined) return []
  const several = `${accepted.length} elements of the response name ${deflateName}`
  const findings = accepted.length > 1 ? [{ rule: 'pmd-one-element', detail: several }] : []
  const perOffer = offer
    .filter(({ name }) => name === deflateName)
    .map(({ params }) => checkAgainst(new Map(first.params), new Map(params)))
    .toSorted((one, other) => one.length - other.length)
  return [...findings, ...checkForm(first), ...(perOffer[0] ?? [])]
}

function checkForm({ params }: Extension): Finding[] {
  const names = params.map(([name]) => name)
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  const duplicates = [...repeated].map((name) => ({
    rule: 'pmd-response-no-duplicates',
    detail: `the response repeats ${name}`,
  }))
  return [...duplicates, ...params.flatMap(([name, value]) => checkParam(name, value))]
}

function checkParam(name: string, value: string | true): Finding[] {
  if (!isKnown(name))
    return [{ rule: 'pmd-response-known-params', detail: `the response has the unknown parameter ${name}` }]
  const { hasValue, rule } = knownParameters[name]
  if (hasValue ? isWindowBits(value) : value === true) return []
  const shown = value === true ? 'no value' : `the value ${value}`
  const detail = `${name} has ${shown}${hasValue ? ' instead of 8 to 15' : ', but takes none'}`
  return ['pmd-response-valid-values', rule].map((broken) => ({ rule: broken, detail }))
}

/** Offered parameters with invalid values are ignored here; accepting them breaks another rule. */
function checkAgainst(response: Params, offer: Params): Finding[] {
  const findings: Finding[] = []
  const report = (rule: string, detail: string): number => findings.push({ rule, detail })
  // Section 7.1.1.1
  if (offer.get('server_no_context_takeover') === true && !response.has('server_no_context_takeover'))
    report('pmd-snct-acknowledged', 'server_no_context_takeover was offered and is not in the response')
  // Section 7.1.2.1
  const [serverOffered, server] = [
    offer.get('server_max_window_bits'),
    response.get('server_max_window_bits'),
  ]
  if (isWindowBits(serverOffered) && !(Number(server) <= Number(serverOffered)))
    report(
      'pmd-smwb-acknowledged',
      `server_max_window_bits ${serverOffered} was offered, but the response has ${server ?? 'none'}`,
    )
  // Section 7.1.2.2: its value in an offer is a hint, so the value in the response may be larger (section 7.2.1)
  const client = response.get('client_max_window_bits')
  if (client !== undefined && !offer.has('client_max_window_bits'))
    report('pmd-cmwb-only-if-offered', `client_max_window_bits ${client} was not offered`)
  return findings
}
