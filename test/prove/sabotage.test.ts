import { describe, expect, test } from '@jest/globals'
import type { Behaviour, Fault } from '../../fixtures/proxy/variant.ts'
import { verbs } from '../../runner/steps/index.ts'
import { answers, cutsShort, dateIsSent, type Draft, hasNoDate, proved } from './proving.ts'

const request = { request: { to: 'http' } }
const address = 'http/drafts/date-is-sent'

/** The right case with other steps, or other claims. */
const sabotaged = (change: Partial<Draft>): Draft => ({
  ...dateIsSent,
  ...change,
})

/** The right fault, with something else on the wire. */
const faultThat = (connection: Fault['connection'], more: Partial<Fault> = {}): Fault => ({
  id: 'sabotaged',
  about: 'Something else happens.',
  breaks: ['http-date-present'],
  touches: ['http'],
  ...(connection === undefined ? {} : { connection }),
  ...more,
})

const problems = async (drafts: readonly Draft[], faults: readonly Fault[]): Promise<string> =>
  (await proved(drafts, faults)).problems.join('\n')

test('a case that is right is proved without a word', async () => {
  const proof = await proved([dateIsSent, answers], [hasNoDate, cutsShort])
  expect(proof.problems).toEqual([])
  expect(proof.cases).toMatchObject([
    { id: address, provedBy: ['has-no-date'], unbroken: [] },
    { id: 'http/drafts/answers', provedBy: ['cuts-short'] },
  ])
})

describe('a case does not pass for proved when', () => {
  test.each<[string, Partial<Draft>]>([
    ['its expectation is always true', { steps: [request, { response: { status: ['2xx', '4xx'] } }] }],
    [
      'its expectation only prepares',
      { steps: [request, { given: { response: { headers: { Date: { present: true } } } } }] },
    ],
    [
      'it looks at another field',
      { steps: [request, { response: { headers: { Server: { present: false } } } }] },
    ],
    ['it has no expectation', { steps: [request] }],
    ['it says that it proves another rule', { proves: ['http-persistent'] }],
  ])('%s', async (_, change) => {
    const found = await problems([sabotaged(change), answers], [hasNoDate, cutsShort])
    expect(found).toContain(`${address} is not proved`)
  })

  test('it says that it proves one rule more than it does', async () => {
    const draft = sabotaged({ proves: ['http-date-present', 'http-persistent'] })
    expect(await problems([draft], [hasNoDate])).toMatch(
      /date-is-sent lists http-persistent under "proves", but no fault that breaks it is detected/,
    )
  })

  test('it fails on the reference server itself', async () => {
    const draft = sabotaged({ steps: [request, { response: { status: 418 } }] })
    expect(await problems([draft], [hasNoDate])).toContain(`${address} is fail without a fault`)
  })

  test('it only warns of what must be', async () => {
    // A refusal without an answer is tolerated with a warning.
    const draft = sabotaged({
      proves: ['ws-hs-key-required'],
      needs: ['websocket'],
      steps: [{ handshake: { headers: { 'Sec-WebSocket-Key': null } } }, { refused: {} }],
    })
    const drops = faultThat(() => ({ request: () => 'drop' }), {
      breaks: ['ws-hs-key-required'],
      touches: ['websocket'],
    })
    const proof = await proved([draft], [drops])
    expect(proof.catches).toMatchObject([{ verdict: 'warn', related: true }])
    expect(proof.problems.join('\n')).toContain('but no fault that breaks it is detected')
  })

  test('it fails in a step that only acts', async () => {
    const acting = verbs.map((verb) => (verb.name === 'response' ? { ...verb, expects: false } : verb))
    const proof = await proved([dateIsSent], [hasNoDate], { verbs: acting })
    expect(proof.problems.join('\n')).toMatch(/is not proved.*the step "response", which is an action/)
  })
})

describe('a fault does not pass for caught when', () => {
  test('it changes nothing', async () => {
    const found = await problems([dateIsSent], [hasNoDate, faultThat(undefined)])
    expect(found).toBe(
      'no case detects the fault sabotaged: write a case that proves http-date-present, or mend the fault',
    )
  })

  test('it breaks a rule that no case proves', async () => {
    const other = { ...hasNoDate, id: 'other', breaks: ['http-persistent'] }
    const found = await problems([dateIsSent], [hasNoDate, other])
    expect(found).toContain('no case detects the fault other')
    expect(found).toMatch(/date-is-sent fails with other, which breaks no requirement that it proves/)
  })

  test('it only breaks the connection: what else fails gives it away', async () => {
    const crash = faultThat((context) => ({
      request: (asked) => {
        context.closeClient('rst')
        return asked
      },
    }))
    const found = await problems([dateIsSent, answers], [hasNoDate, cutsShort, crash])
    expect(found).toMatch(/answers fails with sabotaged, which breaks no requirement that it proves/)
  })

  test.each<[string, () => Behaviour]>([
    [
      'breaks down while it works',
      () => ({
        response: () => {
          throw new RangeError('out of range')
        },
      }),
    ],
    [
      'breaks down at the start of a connection',
      () => {
        throw new RangeError('out of range')
      },
    ],
  ])('%s', async (_, connection) => {
    const proof = await proved([dateIsSent], [faultThat(connection)])
    expect(proof.catches).toEqual([])
    expect(proof.problems.join('\n')).toMatch(
      /failed, so these results are ignored: RangeError: out of range \(with sabotaged\)/,
    )
  })

  test('the runner breaks down behind it', async () => {
    const broken = verbs.map((verb) => ({
      ...verb,
      run: (args: unknown, play: Parameters<typeof verb.run>[1]) =>
        verb.name === 'response' ? Promise.reject(new TypeError('no such thing')) : verb.run(args, play),
    }))
    const proof = await proved([dateIsSent], [hasNoDate], { verbs: broken })
    expect(proof.problems.join('\n')).toMatch(/TypeError: no such thing \(with has-no-date\)/)
  })

  test('its entry names what is not there, or is there twice', async () => {
    const found = await problems([dateIsSent], [hasNoDate, { ...hasNoDate, breaks: ['http-dat-present'] }])
    expect(found).toContain('the fault has-no-date breaks "http-dat-present", which is not a requirement')
    expect(found).toContain('two faults are called has-no-date')
  })
})
