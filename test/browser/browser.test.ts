import { readFileSync } from 'node:fs'
import { describe, expect, jest, test } from '@jest/globals'
import { parse } from 'yaml'
import { serve } from '../reference-server/serving.ts'
import { inBrowser, patienceMs } from './chromium.ts'
import { Page } from './page.ts'

interface Stream {
  readonly file: string
  readonly events: readonly { readonly type: string; readonly data: string; readonly id: string }[]
}

const folder = new URL('../../../fixtures/streams/', import.meta.url)
const { streams } = parse(readFileSync(new URL('index.yaml', folder), 'utf8')) as { streams: Stream[] }

jest.setTimeout(patienceMs)

describe("Chromium's own clients", () => {
  test('EventSource dispatches the events that the index lists for each stream', async () => {
    const files = JSON.stringify(streams.map(({ file, events }) => [file, events.map(({ type }) => type)]))
    const seen = await inBrowser(
      `
      const read = ([file, types]) => new Promise((resolve) => {
        const events = []
        const source = new EventSource('/streams/' + file)
        for (const type of new Set(['message', ...types]))
          source.addEventListener(type, ({ data, lastEventId: id }) => events.push({ type, data, id }))
        source.onerror = () => { source.close(); resolve(events) }
      })
      const all = []
      for (const one of ${files}) all.push(await read(one))
      report(all)`,
      (request, response) => {
        const file = /^\/streams\/([\w-]+\.txt)$/.exec(request.url ?? '')?.[1]
        if (file === undefined) return false
        response.setHeader('Content-Type', 'text/event-stream')
        response.end(readFileSync(new URL(file, folder)))
        return true
      },
    )
    expect(seen).toEqual(streams.map(({ events }) => events))
  })

  test('EventSource resumes after the end of a stream, misses no event, and stops at a 204', async () => {
    const { url } = await serve({ retryMs: 100 })
    const seen = await inBrowser(`
      const events = []
      const publish = (data, query = '') => fetch(${JSON.stringify(url('/publish/page'))} + query, { method: 'POST', body: data })
      const hook = (name) => fetch(${JSON.stringify(url('/'))} + name + '/page', { method: 'POST' })
      const source = new EventSource(${JSON.stringify(url('/events/page'))})
      const arrived = (count) => new Promise((resolve) => {
        const look = () => events.length >= count ? resolve() : setTimeout(look, 5)
        look()
      })
      for (const type of ['message', 'note'])
        source.addEventListener(type, ({ data, lastEventId: id }) => events.push({ type, data, id }))
      await new Promise((resolve) => source.addEventListener('open', resolve, { once: true }))
      await publish('first\\n\\n second')
      await publish('typed é✓', '?type=note&id=n1')
      await arrived(2)
      await hook('end')
      await publish('while away')
      await arrived(3)
      await hook('finish')
      await new Promise((resolve) => {
        const look = () => source.readyState === EventSource.CLOSED ? resolve() : setTimeout(look, 5)
        look()
      })
      report({ events, state: source.readyState })`)
    expect(seen).toEqual({
      events: [
        { type: 'message', data: 'first\n\n second', id: '1' },
        { type: 'note', data: 'typed é✓', id: 'n1' },
        { type: 'message', data: 'while away', id: '3' },
      ],
      state: 2,
    })
  })

  test('WebSocket receives its messages back, text and binary, and the close code', async () => {
    const { url } = await serve()
    // Only pages of its own origin may open a WebSocket.
    const page = await Page.open(url('/'))
    const seen = await page
      .evaluate(
        `new Promise((report) => {
      const socket = new WebSocket(${JSON.stringify(url('/echo').replace('http', 'ws'))}, ['chat.v2', 'chat.v1'])
      socket.binaryType = 'arraybuffer'
      const messages = []
      socket.onopen = () => {
        socket.send('häl✓😀')
        socket.send('')
        socket.send(new Uint8Array([0, 255, 128]))
        socket.send('x'.repeat(70000))
      }
      socket.onmessage = ({ data }) => {
        messages.push(typeof data === 'string' ? data.length > 100 ? data.length : data : [...new Uint8Array(data)])
        if (messages.length === 4) socket.close(3001, 'done')
      }
      socket.onclose = ({ code, reason, wasClean }) =>
        report({ messages, code, reason, wasClean, protocol: socket.protocol })
    })`,
      )
      .finally(() => page.close())
    expect(seen).toEqual({
      messages: ['häl✓😀', '', [0, 255, 128], 70000],
      code: 3001,
      reason: 'done',
      wasClean: true,
      protocol: 'chat.v2',
    })
  })
})
