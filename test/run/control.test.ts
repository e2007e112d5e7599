import { describe, expect, test } from '@jest/globals'
import type { Socket } from 'node:net'
import { caseOf } from './playing.ts'
import { answer, playedOn } from './raw-server.ts'

const answerWith =
  (status: number) =>
  (socket: Socket): unknown =>
    socket.end(`HTTP/1.1 ${status} Because\r\nContent-Length: 0\r\n\r\n`)

/** A request with a defect that must be refused. */
const refusal = caseOf({
  needs: ['http'],
  steps: [
    { verb: 'request', args: { as: 'bad', method: 'BREW' } },
    { verb: 'response', args: { to: 'bad', status: '4xx', refusal: true } },
  ],
})
// What an instance needs tells which ordinary request is its control.
const refused = {
  ...refusal,
  instances: refusal.instances.map((instance) => ({ ...instance, needs: ['http'] })),
}

/** Answers the first connection with the one, and all later ones with the other. */
const first =
  (one: (socket: Socket) => unknown, other: (socket: Socket) => unknown) =>
  (socket: Socket, connection: number): unknown =>
    connection === 1 ? one(socket) : other(socket)

const close = (socket: Socket): unknown => socket.end()

describe('a refusal', () => {
  test('passes beside an ordinary request that is accepted', async () => {
    expect(await playedOn(refused, first(answerWith(400), answer))).toMatchObject([
      { verdict: 'pass', evidence: expect.stringMatching(/^bad: /) },
    ])
  })

  test('passes beside an ordinary request that is refused for another reason', async () => {
    expect(await playedOn(refused, first(answerWith(400), answerWith(404)))).toMatchObject([
      { verdict: 'pass' },
    ])
  })

  test('shows nothing if ordinary requests are refused alike', async () => {
    expect(await playedOn(refused, answerWith(403))).toMatchObject([
      {
        verdict: 'inconclusive',
        reason: 'refused with 403, and an ordinary request is treated alike',
        evidence: '',
      },
    ])
  })

  test('by closing the connection passes only if ordinary requests get responses', async () => {
    expect(await playedOn(refused, first(close, answer))).toMatchObject([{ verdict: 'pass' }])
    expect(await playedOn(refused, close)).toMatchObject([
      {
        verdict: 'inconclusive',
        reason: 'the connection was closed without a response, and an ordinary request is treated alike',
      },
    ])
  })
})

test('publishing has a control of its own, where a case needs no other endpoint', async () => {
  const [instance] = refusal.instances
  if (instance === undefined) throw new Error('a case has an instance')
  const publishing = {
    ...refusal,
    instances: [
      {
        ...instance,
        needs: ['publish', 'publish.request'],
        steps: instance.steps.map((step) =>
          step.verb === 'request' ? { ...step, args: { as: 'bad', to: 'publish' } } : step,
        ),
      },
    ],
  }
  const described = { description: { publish: { request: { method: 'POST', path: '/publish' } } } }
  expect(await playedOn(publishing, answerWith(403), described)).toMatchObject([
    { verdict: 'inconclusive', reason: 'refused with 403, and an ordinary request is treated alike' },
  ])
  expect(await playedOn(publishing, first(answerWith(400), answer), described)).toMatchObject([
    { verdict: 'pass' },
  ])
})

test('a refusal without any ordinary request to compare with shows nothing', async () => {
  expect(await playedOn(refusal, answerWith(400))).toMatchObject([
    {
      verdict: 'inconclusive',
      reason: 'refused with 400, and no ordinary request could be made to compare with',
    },
  ])
})

test('a case passes with the last thing that was received', async () => {
  const served = caseOf({
    steps: [
      { verb: 'request', args: { as: 'get', path: '/' } },
      { verb: 'response', args: { to: 'get', status: 200 } },
    ],
  })
  const [result] = await playedOn(served, answer)
  expect(result?.evidence).toMatch(/^get: .* after \d+ ms$/)
})
