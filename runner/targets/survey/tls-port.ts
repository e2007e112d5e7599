import { connect } from 'node:tls'
import { deadline } from '../../wire/deadline.ts'
import { Unreachable, hasNoHttpResponse } from '../errors/unreachable.ts'

/** How long a TLS handshake may take, in milliseconds. */
const mostMs = 2000

/** Whether a port accepts a TLS handshake, whatever its certificate. */
export function speaksTls({ hostname, port }: URL, signal: AbortSignal): Promise<boolean> {
  const limit = deadline(mostMs, signal)
  return new Promise<boolean>((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host, port: Number(port || 80), rejectUnauthorized: false })
    const settle = (speaks: boolean): void => {
      socket.destroy()
      resolve(speaks)
    }
    socket.once('secureConnect', () => settle(true)).once('error', () => settle(false))
    limit.signal.addEventListener('abort', () => settle(false), { once: true })
  }).finally(() => limit.release())
}

/** The error for a server that could not be reached; it states if plain HTTP was tried on a port of TLS. */
export async function unreachable(url: URL, cause: unknown, signal: AbortSignal): Promise<Unreachable> {
  const isPlain = url.protocol === 'http:' || url.protocol === 'ws:'
  const wantsTls = isPlain && hasNoHttpResponse(cause) && (await speaksTls(url, signal))
  return new Unreachable(url, wantsTls ? tlsWanted : cause)
}

/** Cause of an `Unreachable`: the port speaks TLS. */
export const tlsWanted = Object.assign(new Error('the port speaks TLS'), { code: 'PORT_SPEAKS_TLS' })
