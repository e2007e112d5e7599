import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'

import { redactResult } from '../../runner/report/redact.ts'
import type { Result } from '../../runner/run/result.ts'
import { Redactor } from '../../runner/text/redact.ts'
import { entry, result } from './results.ts'

const redacted = (secrets: readonly string[], one: Result): Result => redactResult(one, new Redactor(secrets))

const secret = 'tök en+/=42"x'

/** All texts and bytes of a result as one text; bytes as latin1. */
function everything(one: Result): string {
  const bytes = one.transcript.map((each) => Buffer.from(each.bytes).toString('latin1')).join('')
  return (
    JSON.stringify({ ...one, transcript: one.transcript.map(({ actor, what }) => [actor, what]) }) + bytes
  )
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

describe('a secret', () => {
  const forms = {
    'as it is': secret,
    'in base64': Buffer.from(secret).toString('base64'),
    'within a longer text in base64': Buffer.from(`user:${secret}, or so`).toString('base64'),
    'in base64url': Buffer.from(secret).toString('base64url'),
    'percent-encoded': encodeURIComponent(secret),
    'percent-encoded in lower case': encodeURIComponent(secret).replaceAll(/%../g, (code) =>
      code.toLowerCase(),
    ),
    'as a form encodes it': new URLSearchParams({ '': secret }).toString().slice(1),
    'in a JSON string': JSON.stringify(secret).slice(1, -1),
  }

  test.each(Object.entries(forms))('%s is removed from texts and bytes', (_, form) => {
    const shown = `before ${form} after`
    const cleaned = redacted(
      [secret],
      result('fail', {
        reason: shown,
        expected: shown,
        observed: shown,
        title: shown,
        chapter: shown,
        instance: shown,
        enable: shown,
        step: { index: 0, verb: 'send', at: shown },
        params: { deep: [{ [shown]: shown }] },
        transcript: [entry(shown, shown, { actor: shown })],
      }),
    )
    const all = everything(cleaned)
    expect(all).not.toContain(form)
    expect(all).not.toContain(latin1(form))
    expect(cleaned.observed).toMatch(/^before .*\[secret\].* after$/)
    expect(Buffer.from(cleaned.transcript[0]?.bytes ?? []).toString()).toMatch(
      /^before .*\[secret\].* after$/,
    )
  })

  test('is found when it was written byte by byte', () => {
    const transcript = [...Buffer.from(`a: ${secret}\r\n`)].map((byte) =>
      entry('1 byte', Uint8Array.of(byte)),
    )
    const cleaned = redacted([secret], result('fail', { transcript }))
    expect(everything(cleaned)).toMatch(/a: (\[secret\])+\r\n$/)
  })

  test('is found when two actors write in turns', () => {
    const [one, other] = ['corre', 'ct horse']
    const transcript = [entry('a', one), entry('b', 'hello', { actor: 'other' }), entry('c', other)]
    const cleaned = redacted([one + other], result('fail', { transcript }))
    expect(everything(cleaned)).not.toMatch(/corre|ct horse/)
    expect(everything(cleaned)).toContain('hello')
  })

  test('that is truncated with its entry leaves no beginning', () => {
    const transcript = [entry('cut', 'authorization: correct hor', { length: 5000 })]
    const cleaned = redacted(['correct horse'], result('fail', { transcript }))
    expect(Buffer.from(cleaned.transcript[0]?.bytes ?? []).toString()).toBe('authorization: [secret]')
  })

  test('does not change the number of bytes that are not shown', () => {
    const transcript = [entry('whole', 'a correct horse'), entry('cut', 'a correct horse', { length: 5000 })]
    const cleaned = redacted(['correct horse'], result('fail', { transcript }))
    expect(cleaned.transcript.map(({ bytes, length }) => length - bytes.length)).toEqual([0, 4985])
  })
})

test('without secrets, or with an empty one, a result stays unchanged', () => {
  const one = result('fail', { transcript: [entry('x', 'text')] })
  expect(redacted([], one)).toBe(one)
  expect(redacted([''], one)).toBe(one)
})

test('text of a chapter stays, even if it equals a secret', () => {
  const cleaned = redacted(['websocket', 'fail'], result('fail'))
  expect(cleaned).toMatchObject({ id: 'websocket/fragmentation/ping-between-fragments', verdict: 'fail' })
})

test('no secret remains, with any bytes around it and any split', () => {
  const secrets = fc.string({ minLength: 4, maxLength: 20, unit: 'binary' })
  const surroundings = fc.uint8Array({ maxLength: 30 })
  const property = fc.property(
    secrets,
    surroundings,
    surroundings,
    fc.nat(),
    (hidden, before, after, cutAt) => {
      const bytes = Buffer.concat([before, Buffer.from(hidden), after])
      const at = cutAt % (bytes.length + 1)
      const transcript = [entry('one', bytes.subarray(0, at)), entry('two', bytes.subarray(at))]
      const cleaned = redacted([hidden], result('fail', { transcript }))
      const left = Buffer.concat(cleaned.transcript.map((each) => each.bytes))
      return !left.includes(Buffer.from(hidden)) || '[secret][secret]'.includes(hidden)
    },
  )
  fc.assert(property)
})
