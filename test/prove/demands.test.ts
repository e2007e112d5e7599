import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { freedoms } from '../../fixtures/freedoms/index.ts'
import { editResponses } from '../../fixtures/proxy/http-edits.ts'
import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import { answers, cutsShort, dateIsSent, hasNoDate, proved } from './proving.ts'

const toHttp = { request: { to: 'http' } }

describe('taking demands away', () => {
  test('finds those that nobody misses, and only those', async () => {
    const draft = {
      ...dateIsSent,
      steps: [...dateIsSent.steps, { response: { status: ['1xx', '2xx', '3xx', '4xx', '5xx'] } }],
    }
    const { needless, problems } = await proved([draft], [hasNoDate])
    expect(needless).toMatchObject([
      { case: 'http/drafts/date-is-sent', step: 2, verb: 'response', demand: '' },
      { case: 'http/drafts/date-is-sent', step: 2, verb: 'response', demand: 'status' },
    ])
    expect(problems).toContainEqual(
      expect.stringMatching(/drafts\.yaml:.* nothing needs "status" of the step "response" of http/),
    )
  })

  test('misses a key that only one fault shows to be needed', async () => {
    const steps = [toHttp, { response: { status: 200, headers: { Date: { matches: 'GMT$' } } } }]
    const both = { ...dateIsSent, proves: ['http-date-present', 'http-length-correct'], steps }
    const only = await proved([both], [hasNoDate])
    expect(only.needless.map(({ demand }) => demand)).toEqual(['status'])
    const refuses: Fault = {
      ...hasNoDate,
      id: 'refuses',
      breaks: ['http-length-correct'],
      connection: editResponses('any', (response) => ({ ...response, status: 404 })),
    }
    expect((await proved([both], [hasNoDate, refuses])).needless).toEqual([])
  })

  test('does not count what a conforming server needs', async () => {
    const draft = {
      ...dateIsSent,
      steps: [toHttp, { interim: { 'or-final': true } }, ...dateIsSent.steps.slice(1)],
    }
    const { needless } = await proved([draft], [hasNoDate])
    // Without "or-final" the case fails on the reference server; without the step nothing is missed.
    expect(needless.map(({ verb, demand }) => [verb, demand])).toEqual([['interim', '']])
  })

  test.each([false, true])('tries them on wide faults too, if the case takes long: %s', async (full) => {
    const steps = [toHttp, { response: { status: 200, headers: { Date: { matches: 'GMT$' } } } }]
    const draft = { ...dateIsSent, full, vary: { method: ['GET', 'HEAD'] }, steps }
    const refuses: Fault = {
      ...cutsShort,
      id: 'refuses',
      wide: true,
      connection: editResponses('any', (response) => ({ ...response, status: 404 })),
    }
    const narrow = await proved([draft, answers], [hasNoDate, { ...refuses, touches: ['sse'] }], { full })
    expect(narrow.needless.map(({ demand }) => demand)).toContain('status')
    const { needless } = await proved([draft, answers], [hasNoDate, refuses], { full })
    expect(needless.map(({ demand }) => demand)).not.toContain('status')
  })

  test('plays with full time-outs what fails with short ones in any case', async () => {
    const steps = [toHttp, { response: { within: '500ms' } }]
    const late: Fault = {
      ...hasNoDate,
      id: 'is-late',
      connection: editResponses('any', async (response) => {
        await delay(1000)
        return response
      }),
    }
    expect((await proved([{ ...dateIsSent, steps }], [late])).needless).toEqual([])
    const patient = [toHttp, { response: { within: '2s' } }]
    const { needless } = await proved([{ ...dateIsSent, steps: patient }], [late])
    expect(needless.map(({ demand }) => demand)).toEqual(['within'])
  })

  test('misses an allowance without which a conforming server cannot be judged', async () => {
    const payload = { repeat: '*', times: 70_000 }
    const large = {
      ...dateIsSent,
      proves: ['ws-large-messages'],
      needs: ['websocket.echoes-64-kib'],
      steps: [
        { connect: {} },
        { send: { message: 'binary', payload } },
        { receive: { payload, 'or-too-big': true } },
      ],
    }
    const [refusesUnsaid] = freedoms.filter(({ id }) => id === 'takes-64-kib-unsaid')
    const loses: Fault = {
      ...hasNoDate,
      id: 'loses-messages',
      breaks: ['ws-large-messages'],
      touches: ['websocket'],
      connection: () => ({ fromServer: (frame) => (frame.opcode === 2 ? [] : [frame]) }),
    }
    const demandsLeft = async (others: readonly Freedom[]): Promise<string[]> =>
      (await proved([large], [loses], { freedoms: others })).needless.map(({ demand }) => demand)
    expect(await demandsLeft([])).toContain('or-too-big')
    expect(await demandsLeft(refusesUnsaid === undefined ? [] : [refusesUnsaid])).not.toContain('or-too-big')
  })
})
