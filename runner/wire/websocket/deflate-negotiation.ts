import type { DeflateOptions } from './deflate.ts'
import type { Extension } from './extensions.ts'
import type { Finding } from '../finding.ts'

const deflateName = 'permessage-deflate'
type Params = ReadonlyMap<string, string | true>

/** For each parameter, whether it has a value, and the rule on its form (RFC 7692 section 7.1). */
const known = {
  server_no_context_takeover: { hasValue: false, rule: 'pmd-snct-no-value' },
  client_no_context_takeover: { hasValue: false, rule: 'pmd-cnct-no-value' },
  server_max_window_bits: { hasValue: true, rule: 'pmd-smwb-format' },
  client_max_window_bits: { hasValue: true, rule: 'pmd-cmwb-format' },
} as const

const isKnown = (name: string): name is keyof typeof known => Object.hasOwn(known, name)
const isWindowBits = (value: string | true | undefined): value is string =>
  typeof value === 'string' && /^(?:[89]|1[0-5])$/.test(value)

/** What both ends do after an answer with `params`; a value that is not allowed counts as not given. */
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
 * The rules of RFC 7692 sections 5 and 7 that the elements of an answer break, given those of the offer.
 * With several offers the one is taken that the answer fits best, since it does not say which it accepts.
 */
export function checkDeflateResponse(answer: readonly Extension[], offer: readonly Extension[]): Finding[] {
  const answers = answer.filter(({ name }) => name === deflateName)
  const [first] = answers
  if (first === undefined) return []
  const several = `${answers.length} elements of the answer name ${deflateName}`
  const findings = answers.length > 1 ? [{ rule: 'pmd-one-element', detail: several }] : []
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
    detail: `the answer repeats ${name}`,
  }))
  return [...duplicates, ...params.flatMap(([name, value]) => checkParam(name, value))]
}

function checkParam(name: string, value: string | true): Finding[] {
  if (!isKnown(name))
    return [{ rule: 'pmd-response-known-params', detail: `the answer has the parameter ${name}` }]
  const { hasValue, rule } = known[name]
  if (hasValue ? isWindowBits(value) : value === true) return []
  const detail = `wanted ${hasValue ? '8 to 15' : 'no value'} for ${name}, got ${value === true ? 'no value' : value}`
  return ['pmd-response-valid-values', rule].map((broken) => ({ rule: broken, detail }))
}

/** Parameters of the offer with a value that is not allowed ask for nothing: to have taken them is a finding of its own. */
function checkAgainst(answer: Params, offer: Params): Finding[] {
  const findings: Finding[] = []
  const report = (rule: string, detail: string): number => findings.push({ rule, detail })
  // Section 7.1.1.1
  if (offer.get('server_no_context_takeover') === true && !answer.has('server_no_context_takeover'))
    report('pmd-snct-acknowledged', 'server_no_context_takeover was offered and is not in the answer')
  // Section 7.1.2.1
  const [serverOffered, server] = [offer.get('server_max_window_bits'), answer.get('server_max_window_bits')]
  if (isWindowBits(serverOffered) && !(Number(server) <= Number(serverOffered)))
    report(
      'pmd-smwb-acknowledged',
      `server_max_window_bits ${serverOffered} was offered, the answer has ${server ?? 'none'}`,
    )
  // Section 7.1.2.2
  const [clientOffered, client] = [offer.get('client_max_window_bits'), answer.get('client_max_window_bits')]
  if (client !== undefined && clientOffered === undefined)
    report('pmd-cmwb-only-if-offered', `client_max_window_bits ${client} was not offered`)
  if (typeof clientOffered === 'string' && Number(client) > Number(clientOffered))
    report(
      'pmd-cmwb-not-above-offer',
      `client_max_window_bits ${clientOffered} was offered, the answer has ${client}`,
    )
  return findings
}
