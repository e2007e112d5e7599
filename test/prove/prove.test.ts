import { describe, expect, test } from '@jest/globals'
import { editResponses, withoutFields } from '../../fixtures/proxy/http-edits.ts'
import type { Fault, Freedom } from '../../fixtures/proxy/variant.ts'
import { forEachConcurrently } from '../../runner/prove/play/concurrently.ts'
import { answers, cutsShort, dateIsSent, hasNoDate, proved } from './proving.ts'

describe('the matrix', () => {
  test('plays the other instances of a case only where the first has noticed nothing', async () => {
    const varied = {
      ...dateIsSent,
      vary: { method: ['HEAD', 'GET'] },
      steps: [
        { request: { to: 'http', method: '${method}' } },
        { response: { headers: { Date: { present: true } } } },
      ],
    }
    const both = await proved([varied], [hasNoDate])
    expect(both.catches.map(({ instance }) => instance)).toEqual(['method=HEAD', 'method=GET'])
    expect(both.counts).toMatchObject({ instances: 2, provedInstances: 2 })
    const onlyGet: Fault = { ...hasNoDate, id: 'only-get', connection: undatedFor('GET') }
    const one = await proved([varied], [onlyGet])
    expect(one.catches.map(({ instance }) => instance)).toEqual(['method=GET'])
    expect(one.problems).toEqual([
      expect.stringContaining(
        'date-is-sent [method=HEAD] detects no fault: write one that this instance detects',
      ),
    ])
  })

  test('does not mind damage that the fault explains', async () => {
    const proof = await proved(
      [dateIsSent, answers],
      [{ ...cutsShort, breaks: ['http-length-correct'] }, hasNoDate],
    )
    expect(proof.catches.some(({ related }) => !related)).toBe(true)
    expect(proof.collateral).toEqual([])
  })

  test('leaves out what is not its matter when only some cases or faults are looked at', async () => {
    const cases = await proved([dateIsSent], [hasNoDate, cutsShort], { everyCase: false })
    expect(cases.problems).toEqual([])
    const faults = await proved([dateIsSent, answers], [hasNoDate], { everyFault: false })
    expect(faults.problems).toEqual([])
  })

  test('gives each fault that asks for it a reference server with its options', async () => {
    const options: Fault = {
      id: 'short-retry',
      about: 'Something lies in the server.',
      breaks: ['http-date-present'],
      touches: ['http'],
      reference: { retryMs: 1 },
    }
    const proof = await proved([dateIsSent], [hasNoDate, options])
    expect(proof.problems).toEqual([expect.stringContaining('no case detects the fault short-retry')])
  })

  test('says how far it is', async () => {
    const seen: number[] = []
    await proved([dateIsSent], [hasNoDate, cutsShort], { onProgress: (done) => seen.push(done) })
    expect(seen).toEqual([0, 1, 2, 2])
  })

  test('stops when it is told to', async () => {
    const aborter = new AbortController()
    aborter.abort()
    const proof = await proved([dateIsSent], [hasNoDate], { signal: aborter.signal })
    expect(proof.catches).toEqual([])
  })
})

describe('freedoms', () => {
  const dateless: Freedom = {
    id: 'has-no-clock',
    about: 'An origin without a clock sends no Date.',
    source: 'RFC 9110 section 6.6.1',
    permits: [],
    touches: ['http'],
    connection: editResponses('any', (response) => ({
      ...response,
      headers: withoutFields(response.headers, 'date'),
    })),
  }

  test('a case that fails behind one is a false alarm', async () => {
    const { falseAlarms, problems } = await proved([dateIsSent], [hasNoDate], { freedoms: [dateless] })
    expect(falseAlarms).toMatchObject([{ freedom: 'has-no-clock', case: 'http/drafts/date-is-sent' }])
    expect(problems).toContainEqual(
      expect.stringMatching(/date-is-sent is fail behind the freedom has-no-clock/),
    )
  })

  test('plays only the cases that it touches, with the description of its server', async () => {
    const described: string[] = []
    const { falseAlarms } = await proved([dateIsSent], [hasNoDate], {
      freedoms: [
        { ...dateless, id: 'elsewhere', touches: ['sse'] },
        {
          ...dateless,
          id: 'described',
          connection: () => ({}),
          describe: (description) => {
            described.push(description.target)
            return description
          },
        },
      ],
    })
    expect([falseAlarms, described.length]).toEqual([[], 1])
  })
})

describe('side by side', () => {
  test('work on a list does each item once, and no more at once than it may', async () => {
    const done: number[] = []
    let running = 0
    let most = 0
    await forEachConcurrently([1, 2, 3, 4, 5], 2, new AbortController().signal, async (item) => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running--
      done.push(item)
    })
    expect([done, most]).toEqual([[1, 2, 3, 4, 5], 2])
  })
})

/** Takes the date away from the answers to one method. */
const undatedFor =
  (method: string): NonNullable<Fault['connection']> =>
  () => ({
    response: (response, request) =>
      request.method === method
        ? { ...response, headers: withoutFields(response.headers, 'date') }
        : response,
  })
