import { randomUUID } from 'node:crypto'
import { type Asked, type Dialect, refuse, send, serve, Waiting } from '../../../servers/serving.ts'

const mostKept = 200

/** Removes what Python counts as whitespace: unlike `trim`, not U+FEFF. */
const strip = (text: string): string => text.replaceAll(/^[^\S\uFEFF]+|[^\S\uFEFF]+$/g, '')

/**
 * The chat demo of Tornado with its `xsrf_cookies`: one room, polled by POST with a form that has the id of
 * the last message; a poll is held without a time-out. Each POST must repeat the value of the cookie `_xsrf`.
 */
export function tornadoChat(): Promise<Dialect> {
  const waiting = new Waiting()
  let messages: { id: string; body: string }[] = []

  const page = (asked: Asked): void => {
    const list = messages.map(({ id }) => `<div class="message" id="m${id}"></div>\n`).join('')
    const cookie = `_xsrf=${xsrfOf(asked) ?? randomUUID()}; Path=/`
    send(asked, 200, { 'set-cookie': cookie, 'content-type': 'text/html' }, `<html>\n${list}</html>\n`)
  }

  const publish = (asked: Asked, form: URLSearchParams): void => {
    const message = { id: randomUUID(), body: strip(form.get('body') ?? '') }
    messages = [...messages, message].slice(-mostKept)
    waiting.wake('room')
    send(asked, 200, { 'content-type': 'application/json' }, JSON.stringify(message))
  }

  const updates = async (asked: Asked, form: URLSearchParams): Promise<void> => {
    const since = (): typeof messages =>
      messages.slice(messages.findIndex(({ id }) => id === form.get('cursor')) + 1)
    while (since().length === 0) if (!(await waiting.until('room', asked))) return
    send(asked, 200, { 'content-type': 'application/json' }, JSON.stringify({ messages: since() }))
  }

  return serve((asked) => {
    const { method, url, body, request } = asked
    const path = url.pathname
    if (path === '/' && method === 'GET') return page(asked)
    if (path === '/static/chat.css' && method === 'GET')
      return send(asked, 200, { 'content-type': 'text/css' }, 'p {}')
    const take = path === '/a/message/new' ? publish : path === '/a/message/updates' ? updates : undefined
    if (take === undefined) return send(asked, 404)
    if (method !== 'POST') return refuse(asked, 'POST')
    const form = new URLSearchParams(body)
    const said = form.get('_xsrf') ?? request.headers['x-xsrftoken']
    if (said === undefined || said !== xsrfOf(asked))
      return send(asked, 403, {}, 'XSRF cookie does not match')
    take(asked, form)
  })
}

const xsrfOf = ({ request }: Asked): string | undefined =>
  /(?:^|; )_xsrf=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
