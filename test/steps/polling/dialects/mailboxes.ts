import { randomUUID } from 'node:crypto'
import { type Asked, type Dialect, refuse, send, serve, Waiting } from '../../../servers/serving.ts'

interface Session {
  readonly token: string
  readonly channel: string
  readonly box: string[]
}

/** How long a poll is held, in milliseconds. */
const holdMs = 10_000
const fields = { 'content-type': 'application/json', 'cache-control': 'no-store' }

/**
 * A server without a cursor: a cookie identifies the session, whose mailbox keeps updates between two polls. Every POST
 * must carry the token of the session.
 */
export function mailboxes(): Promise<Dialect> {
  const waiting = new Waiting()
  const sessions = new Map<string, Session>()

  const open = (asked: Asked): void => {
    const id = randomUUID()
    const token = randomUUID()
    sessions.set(id, { token, channel: asked.url.searchParams.get('channel') ?? '', box: [] })
    send(asked, 200, { ...fields, 'set-cookie': `session=${id}; HttpOnly` }, JSON.stringify({ token }))
  }

  const publish = (asked: Asked): void => {
    const form = new URLSearchParams(asked.body)
    for (const [id, { channel, box }] of sessions)
      if (channel === form.get('channel')) {
        box.push(form.get('text') ?? '')
        waiting.wake(id)
      }
    send(asked, 204)
  }

  const receive = async (asked: Asked, id: string, { box }: Session): Promise<void> => {
    if (box.length === 0) await waiting.until(id, asked, holdMs)
    // The client is gone: its updates stay in the mailbox.
    if (asked.response.destroyed) return
    send(asked, 200, fields, JSON.stringify({ messages: box.splice(0) }))
  }

  return serve((asked) => {
    const { method, url, request } = asked
    const path = url.pathname
    if (path === '/session' && method === 'GET') return open(asked)
    if (path !== '/publish' && path !== '/receive') return send(asked, path === '/' ? 200 : 404)
    if (method !== 'POST') return refuse(asked, 'POST')
    const id = /session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''
    const session = sessions.get(id)
    if (session === undefined || request.headers['x-csrf-token'] !== session.token) return send(asked, 403)
    if (path === '/publish') publish(asked)
    else void receive(asked, id, session)
  })
}
