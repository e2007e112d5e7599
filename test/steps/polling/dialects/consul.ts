import { type Asked, type Dialect, refuse, send, serve, Waiting } from '../../../servers/serving.ts'

/**
 * The key/value store of Consul with blocking queries
 * <https://developer.hashicorp.com/consul/api-docs/features/blocking>: `index` waits for a
 * greater index of the key; after the time in `wait` the same state is sent again, with the same index.
 */
export function consul(): Promise<Dialect> {
  const waiting = new Waiting()
  const keys = new Map<string, { value: string; modified: number }>()
  let index = 11

  const put = (asked: Asked, key: string): void => {
    const old = keys.get(key)
    const isSet = asked.url.searchParams.get('cas') !== '0' || old === undefined
    // A write that changes nothing leaves the index as it is.
    if (isSet && old?.value !== asked.body) {
      keys.set(key, { value: asked.body, modified: ++index })
      waiting.wake(key)
    }
    send(asked, 200, { 'content-type': 'application/json' }, String(isSet))
  }

  const answer = (asked: Asked, key: string): void => {
    const entry = keys.get(key)
    const fields = {
      'x-consul-index': String(entry?.modified ?? index),
      'x-consul-knownleader': 'true',
      'x-consul-lastcontact': '0',
      // As configured by `http_config { response_headers }`.
      'cache-control': 'no-store',
    }
    if (entry === undefined) return send(asked, 404, fields)
    const type = asked.url.searchParams.has('raw') ? 'text/plain' : 'application/json'
    const value = Buffer.from(entry.value).toString('base64')
    const whole = JSON.stringify([{ Key: key, Value: value, ModifyIndex: entry.modified }])
    send(asked, 200, { ...fields, 'content-type': type }, type === 'text/plain' ? entry.value : whole)
  }

  const get = async (asked: Asked, key: string): Promise<void> => {
    const since = asked.url.searchParams.get('index') ?? '0'
    const ms = duration(asked.url.searchParams.get('wait') ?? '5m')
    if (!/^\d+$/.test(since)) return send(asked, 400, {}, 'Invalid index')
    if (ms === undefined) return send(asked, 400, {}, 'Invalid wait time')
    const end = performance.now() + ms + (Math.random() * ms) / 16
    const isBehind = (): boolean => since === '0' || (keys.get(key)?.modified ?? index) > Number(since)
    while (!isBehind()) if (!(await waiting.until(key, asked, end - performance.now()))) break
    answer(asked, key)
  }

  return serve((asked) => {
    const key = /^\/v1\/kv\/(.+)$/.exec(asked.url.pathname)?.[1]
    if (asked.url.pathname === '/v1/status/leader' && asked.method === 'GET')
      return send(asked, 200, { 'content-type': 'application/json' }, '"127.0.0.1:8300"')
    if (key === undefined) return send(asked, 404)
    if (asked.method === 'OPTIONS') return send(asked, 200, { allow: 'OPTIONS,GET,PUT,DELETE' })
    if (asked.method === 'PUT') return put(asked, key)
    if (asked.method === 'GET') return void get(asked, key)
    refuse(asked, 'OPTIONS,GET,PUT,DELETE')
  })
}

/** A duration in the notation of Go, in milliseconds; ten minutes at most. */
function duration(text: string): number | undefined {
  const [, number, unit = ''] = /^(-?\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }
  return number === undefined ? undefined : Math.min(Number(number) * (units[unit] ?? 0), 600_000)
}
