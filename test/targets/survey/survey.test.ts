import { afterEach, describe, expect, test } from '@jest/globals'

import { loadTarget } from '../../../runner/targets/load.ts'
import { survey } from '../../../runner/targets/survey/survey.ts'
import type { Survey } from '../../../runner/targets/survey/result.ts'
import { atEnd, closeAll, httpServer, never, webSocketServer } from '../servers.ts'

afterEach(closeAll)

async function surveyOf(url: string, holdMs = 10_000): Promise<Survey> {
  const target = await loadTarget(url)
  atEnd(() => target.close())
  return survey(target, never(), { firstByteMs: 100, listenMs: 300, holdMs })
}

describe('a request that is held', () => {
  const holding = (ms: number) =>
    httpServer((_asked, response) => {
      const timer = setTimeout(() => response.writeHead(204, { 'next-cursor': '7' }).end(), ms)
      response.on('close', () => clearTimeout(timer))
    })

  test('is waited for, to see how the hold ends', async () => {
    const { description } = await surveyOf(`${(await holding(400)).origin}/wait`)
    expect(description['long-polling']).toEqual({
      path: '/wait',
      cursor: { from: { header: 'next-cursor' }, send: { query: 'since' } },
      timeout: { status: 204, after: expect.stringMatching(/^\d+s$/) },
    })
  })

  test('is not waited for without a bound', async () => {
    const { description, seen } = await surveyOf(`${(await holding(60_000)).origin}/wait`, 50)
    expect(description).toEqual({ 'long-polling': { path: '/wait' } })
    expect(seen.join()).toMatch(/state under timeout how a held request ends/)
  })
})

describe('an event stream', () => {
  test.each([
    ['one event and then silence are a greeting', 'data: welcome\n\n', { greeting: true }],
    ['several events are its own', 'data: 1\n\ndata: 2\n\n', { emits: true }],
  ])('%s', async (_what, text, found) => {
    const server = await httpServer((_asked, response) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text),
    )
    expect((await surveyOf(`${server.origin}/events`)).description.sse).toEqual({ path: '/events', ...found })
  })
})

describe('a WebSocket', () => {
  test('that takes whatever subprotocol comes last has chosen none', async () => {
    const url = await webSocketServer(() => undefined, {
      handleProtocols: (offered) => [...offered].at(-1) ?? false,
    })
    const { description } = await surveyOf(url)
    expect(description.websocket).not.toHaveProperty('subprotocols')
  })

  test('that takes whatever subprotocol comes first has chosen none', async () => {
    const url = await webSocketServer(() => undefined, { handleProtocols: ([first]) => first ?? false })
    expect((await surveyOf(url)).description.websocket).toEqual({ path: '/', echo: false, deflate: false })
  })
})

describe('a resource that is polled', () => {
  test('is asked with its date, and with the codings that it may use', async () => {
    const date = new Date(0).toUTCString()
    const server = await httpServer(({ headers }, response) => {
      if (headers['if-modified-since'] === date) return void response.writeHead(304).end()
      const coding = headers['accept-encoding'] === 'gzip' ? { 'content-encoding': 'gzip' } : {}
      response.writeHead(200, { 'last-modified': date, 'access-control-allow-origin': '*', ...coding }).end()
    })
    expect((await surveyOf(`${server.origin}/state`)).description).toEqual({
      polling: { path: '/state', dates: true, empty: { status: 304 }, codings: ['gzip'], delivers: 'last' },
      cors: { origin: 'https://app.example' },
    })
    expect(server.asked.length).toBeLessThanOrEqual(8)
  })
})
