import { errorCode, isMapping, isText, textOrEmpty } from '../../documents/type-guards.ts'
import { messageOf, textOf } from './text.ts'

/** The target cannot be reached: a problem of the network or the address, not of the protocol. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** The code of Node or OpenSSL, such as `ECONNREFUSED`; `TIMEOUT` when the kit gave up. */
  readonly code: string

  constructor(url: URL | string, cause: unknown) {
    const [reason, advice] = explain(cause)
    const shown = withoutSecrets(url)
    const hint =
      advice === '' ? '' : ` ${advice.replace('PLAIN', inPlain(shown)).replace('SECURE', secured(shown))}`
    super(`cannot reach ${shown}: ${reason}.${hint}`, { cause })
    this.code = codeOf(cause)
  }
}

type Explanation = readonly [reason: string, advice: string]

const start = 'Is the server running? (--start "node server.js" starts it)'
const trust = '(--ca file.pem trusts its issuer, --insecure leaves the certificate unchecked)'

/** The same URL without TLS, and with it. */
const inPlain = (url: string): string => url.replace(/^(http|ws)s:/, '$1:')
const secured = (url: string): string => url.replace(/^(http|ws):/, '$1s:')

const wrongName = 'ERR_TLS_CERT_ALTNAME_INVALID'

const explanations: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: ['connection refused', start],
  ECONNRESET: [
    'the connection was reset before a response',
    'Does this port speak HTTP, with or without TLS?',
  ],
  EPIPE: ['the connection was closed before a response', 'Does this port speak HTTP, with or without TLS?'],
  UND_ERR_SOCKET: [
    'the connection was closed before a response',
    'Does this port speak HTTP, with or without TLS?',
  ],
  ENOTFOUND: ['there is no such host', 'Is its name spelt right?'],
  EAI_AGAIN: ['the name of the host could not be looked up', 'Is there a network, and a name server?'],
  EHOSTUNREACH: ['there is no route to the host', 'Is there a network?'],
  ENETUNREACH: ['there is no route to the network', 'Is there a network?'],
  EADDRNOTAVAIL: ['this machine has no address or port left to connect from', ''],
  EMFILE: ['this machine has no file handles left', 'Lower --concurrency, or raise the limit (ulimit -n)'],
  TIMEOUT: ['no response in time', start],
  ETIMEDOUT: ['no response in time', start],
  UND_ERR_CONNECT_TIMEOUT: ['no response in time', start],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is self-signed', trust],
  SELF_SIGNED_CERT_IN_CHAIN: ['a certificate of its chain is self-signed', trust],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['the issuer of its certificate is not known', trust],
  UNABLE_TO_GET_ISSUER_CERT: ['the issuer of its certificate is not known', trust],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['the issuer of its certificate is not known', trust],
  CERT_HAS_EXPIRED: ['its certificate has expired', '(--insecure leaves the certificate unchecked)'],
  CERT_NOT_YET_VALID: ['its certificate is not valid yet', '(--insecure leaves the certificate unchecked)'],
  PORT_SPEAKS_TLS: ['the port speaks TLS', 'Say SECURE'],
  [wrongName]: [
    'its certificate is for another name',
    '(tls: { servername: … } in the target description says for which, --insecure leaves the certificate unchecked)',
  ],
}

/** Why a server could not be reached, and what to do about it; the advice may be empty. */
function explain(cause: unknown): Explanation {
  const code = codeOf(cause)
  const known = explanations[code]
  if (code === wrongName && known !== undefined) return [known[0] + namesOf(told(cause)), known[1]]
  if (known !== undefined) return known
  if (isTlsCode(code))
    return ['the server does not speak TLS as it should', 'Does it speak plain HTTP there? Then say PLAIN']
  return [messageOf(cause), '']
}

/** The reason alone, for messages that state themselves what was tried. */
export const reasonOf = (cause: unknown): string => explain(cause)[0]

/** Codes that may also mean that a server was reached and then closed the connection. */
const afterConnecting: readonly string[] = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** Whether a server was reached, but sent no HTTP response. */
export function hasNoHttpResponse(cause: unknown): boolean {
  const code = codeOf(cause)
  return afterConnecting.includes(code) || code.startsWith('HPE_')
}

/** Whether an error is about reaching a server (connection, name look-up, TLS), not about what the server did. */
export function isConnectionError(cause: unknown): boolean {
  const code = codeOf(cause)
  if (afterConnecting.includes(code)) return false
  return code in explanations || isTlsCode(code)
}

const isTlsCode = (code: string): boolean => code === 'EPROTO' || code.startsWith('ERR_SSL_')

/** For a certificate with another name: the names in it, and the wanted one. */
function namesOf(error: unknown): string {
  if (!isMapping(error) || !isMapping(error['cert']) || !isText(error['host'])) return ''
  const names = textOrEmpty(error['cert']['subjectaltname']).replaceAll(/(DNS|IP Address):/g, '')
  return `: ${names === '' ? 'none' : names}, not ${error['host']}`
}

const isTimeout = (error: unknown): boolean => textOf(error, 'name') === 'TimeoutError'

/** Whether the error is a time-out: with less load, the operation may succeed. */
export const isTimeOut = (cause: unknown): boolean => /^(|UND_ERR_CONNECT_|E)TIME(D)?OUT$/.test(codeOf(cause))

function codeOf(cause: unknown): string {
  const error = told(cause)
  return isTimeout(error) ? 'TIMEOUT' : errorCode(error)
}

/** The error with the code: of several attempts (IPv6, IPv4) the last one; of an error without a code, its cause. */
function told(cause: unknown): unknown {
  if (typeof cause !== 'object' || cause === null || isTimeout(cause)) return cause
  if ('errors' in cause && Array.isArray(cause.errors) && cause.errors.length > 0)
    return told(cause.errors.at(-1))
  return errorCode(cause) === '' && 'cause' in cause ? told(cause.cause) : cause
}

/** A URL as it may be shown: without user name and password. */
export function withoutSecrets(url: URL | string): string {
  return String(url).replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}
