import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { EventStreamParser, type StreamObservation } from '../../../runner/wire/event-stream/parser.ts'
import { defaultLimits, type Limits } from '../../../runner/wire/limits.ts'
import type { ParserOptions } from '../../../runner/wire/parser.ts'
import { type Reading, readInEverySplit } from '../reading.ts'

const create = (options: ParserOptions): EventStreamParser => new EventStreamParser(options)
const encode = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

function parse(text: string | Uint8Array, limits: Partial<Limits> = {}): Reading<StreamObservation> {
  const bytes = typeof text === 'string' ? encode(text) : text
  return readInEverySplit(create, bytes, limits)
}

/** The observations in short form. */
function summary(text: string | Uint8Array): string[] {
  return parse(text).observations.map((seen) => {
    if ('bytes' in seen) return seen.kind
    if (seen.kind === 'event') return `${seen.type}#${seen.lastEventId} ${JSON.stringify(seen.data)}`
    if (seen.kind === 'undispatched') return `undispatched#${seen.lastEventId}`
    if (seen.kind === 'comment') return `comment ${seen.text}`
    return seen.kind === 'retry' ? `retry ${seen.milliseconds}` : `malformed ${seen.what}`
  })
}

describe('the examples of WHATWG HTML section 9.2.6', () => {
  test('lines of data are joined', () => {
    expect(summary('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual(['message# "YHOO\\n+2\\n10"'])
  })

  test('comments, ids, an empty id, and one space after the colon', () => {
    const stream =
      ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'
    expect(summary(stream)).toEqual([
      'comment test stream',
      'message#1 "first event"',
      'message# "second event"',
      'message# " third event"',
    ])
  })

  test('empty data, and an unfinished block', () => {
    expect(summary('data\n\ndata\ndata\n\ndata:')).toEqual(['message# ""', 'message# "\\n"'])
  })

  test('a space after the colon or none is the same', () => {
    expect(summary('data:test\n\ndata: test\n\n')).toEqual(['message# "test"', 'message# "test"'])
  })
})

describe('events', () => {
  test('all line ends are accepted and recorded', () => {
    const { observations } = parse('data: a\rid: 1\r\n: c\ndata: b\n\r')
    expect(observations.at(-1)).toHaveProperty('block', {
      lines: [
        { field: 'data', value: 'a', end: '\r', raw: 'data: a' },
        { field: 'id', value: '1', end: '\r\n', raw: 'id: 1' },
        { field: '', value: 'c', end: '\n', raw: ': c' },
        { field: 'data', value: 'b', end: '\n', raw: 'data: b' },
      ],
    })
  })

  test('an event that a lone CR ends is dispatched when the CR arrives', () => {
    const parser = create({ limits: defaultLimits, onFinding: () => undefined })
    expect(parser.push(encode('data: a\r\n\r'))).toHaveLength(1)
    expect(parser.push(encode('\ndata: b\r'))).toEqual([])
    expect(parser.push(encode('\r'))).toEqual([expect.objectContaining({ kind: 'event', data: 'b' })])
  })

  test('the type is valid for one block, the id persists, and a block without data only sets the id', () => {
    expect(summary('event: a\ndata\nid: 1\n\ndata\n\nevent: b\nid: 2\n\ndata\nevent\n\n')).toEqual([
      'a#1 ""',
      'message#1 ""',
      'undispatched#2',
      'message#2 ""',
    ])
  })

  test('the last event ID and the reconnection time are those of a client', () => {
    const parser = create({ limits: defaultLimits, onFinding: () => undefined })
    expect([parser.lastEventId, parser.reconnectionTime]).toEqual(['', undefined])
    parser.push(encode('id: 1\n'))
    expect(parser.lastEventId).toBe('')
    expect(parser.push(encode('retry: 050\n'))).toEqual([{ kind: 'retry', milliseconds: 50 }])
    parser.push(encode('\n'))
    expect([parser.lastEventId, parser.reconnectionTime]).toEqual(['1', 50])
  })

  test('blank lines and blocks of comments dispatch nothing', () => {
    expect(summary('\n\r\n:a\n\n\n:b\n')).toEqual(['comment a', 'comment b'])
  })

  test('any payload is parsed unchanged at every split', () => {
    const line = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll(/[\r\n]/g, ''))
    const end = fc.constantFrom('\r\n', '\n', '\r')
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), end, (lines, lineEnd) => {
        const text = `${lines.map((one) => `data: ${one}${lineEnd}`).join('')}${lineEnd}`
        const { observations, rules } = parse(text)
        expect(rules).toEqual([])
        expect(observations).toEqual([expect.objectContaining({ kind: 'event', data: lines.join('\n') })])
      }),
      { numRuns: 60 },
    )
  })

  test('any bytes are parsed the same at every split', () => {
    const part = fc.constantFrom(
      'data',
      'id',
      'retry',
      'event',
      ':',
      ' ',
      '\r',
      '\n',
      '\r\n',
      '\n\n',
      '1',
      '\0',
      'ä',
      '\uFEFF',
      'Data',
      'x',
    )
    const bytes = fc
      .array(
        fc.oneof(
          part.map((text) => [...encode(text)]),
          fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
        ),
        { maxLength: 16 },
      )
      .map((values) => Uint8Array.from(values.flat()))
    fc.assert(
      fc.property(bytes, (some) => parse(some).observations.length < 1000),
      { numRuns: 150 },
    )
  })
})

describe('rules for servers', () => {
  test.each<[string, string, string[]]>([
    ['sse-bom-not-doubled', '\uFEFF\uFEFFdata: a\n\n', ['undispatched#']],
    ['sse-bom-leading-only', 'data: a\n\n\uFEFFdata: b\n\n', ['message# "a"', 'undispatched#']],
    ['sse-known-fields', '"foo": "bar"\ndata: a\n\n', ['message# "a"']],
    ['sse-known-fields', 'see http://a\ndata: a\n\n', ['message# "a"']],
    ['sse-field-names-literal', 'Data: a\n\n', ['undispatched#']],
    ['sse-field-names-literal', ' data: a\n\n', ['undispatched#']],
    ['sse-field-names-literal', 'data : a\n\n', ['undispatched#']],
    ['sse-colonless-line', 'data: a\nb\n\n', ['message# "a"']],
    ['sse-id-no-nul', 'id: 1\n\nid: a\0\ndata: a\n\n', ['undispatched#1', 'message#1 "a"']],
    ['sse-retry-digits', 'retry: 1s\ndata: a\n\n', ['message# "a"']],
    ['sse-retry-digits', 'retry\ndata: a\n\n', ['message# "a"']],
    ['sse-unfinished-event-lost', 'data: a\n\ndata: b\n', ['message# "a"']],
    ['sse-unfinished-event-lost', 'data: a\n\ndata: b', ['message# "a"']],
  ])('%s is broken by %j', (rule, stream, expected) => {
    expect(parse(stream).rules).toEqual([rule])
    expect(summary(stream)).toEqual(expected)
  })

  test('invalid UTF-8 is reported once per line, and replaced with U+FFFD', () => {
    const bytes = Uint8Array.from([...encode('data: a'), 0xff, 0xc3, ...encode('\ndata: b\n\n')])
    expect(parse(bytes).rules).toEqual(['sse-utf8'])
    expect(summary(bytes)).toEqual(['message# "a\uFFFD\uFFFD\\nb"'])
  })

  test('valid input is not reported', () => {
    for (const stream of [
      '\uFEFFdata: \uFEFFa\n\n',
      'data\nid\nevent\n\n',
      'data: a\n\n: bye\n',
      'data: \0\n\n',
      'id: 1',
      '',
    ])
      expect(parse(stream).rules).toEqual([])
    expect(summary('\uFEFFdata: a\n\n')).toEqual(['message# "a"'])
    expect(summary('\uFEFF\n')).toEqual([])
  })
})

describe('limits', () => {
  test.each<[string, string, Partial<Limits>, string]>([
    ['a line', 'data: 123456789', { eventBytes: 10 }, 'more than 10 bytes of one line'],
    ['a block', 'data: 1\ndata: 23456789\n', { eventBytes: 12 }, 'more than 12 bytes of one block'],
    ['lines', ':\n:\n:\n:\n', { observations: 2 }, 'more than 2 lines of one block'],
  ])('%s over the limit is malformed', (_, stream, limits, what) => {
    expect(parse(stream, limits).observations.at(-1)).toEqual({ kind: 'malformed', what })
  })

  test('many blocks below the limit are parsed', () => {
    const { observations } = parse('data: 1\n\n'.repeat(20), { eventBytes: 10, observations: 1 })
    expect(observations).toHaveLength(20)
  })
})
