import { describe, expect, test } from '@jest/globals'
import { ArrivedStream } from '../../../runner/steps/event-stream/arrived-stream.ts'
import { defaultLimits } from '../../../runner/wire/limits.ts'

const stream = (contentType = 'text/event-stream', status = 200): ArrivedStream =>
  new ArrivedStream({ status, contentType }, defaultLimits)

describe('what arrives for a stock client', () => {
  test.each(['\n', '\r', '\r\n'])('has LF for each line end %j, however it is split', (end) => {
    const text = ['id: 1', 'data: one', '', 'data: two', '', ''].join(end)
    const bytes = [...Buffer.from(text)]
    const arrived = stream()
    const passed = Buffer.concat(bytes.map((byte) => arrived.take(Uint8Array.of(byte)))).toString()
    expect(passed).toBe('id: 1\ndata: one\n\ndata: two\n\n')
    expect(arrived.events.map(({ data }) => data)).toEqual(['one', 'two'])
  })

  test('an event is complete at the CR of its blank line', () => {
    const arrived = stream()
    arrived.take(Buffer.from('retry: 700\rdata: one\r\r'))
    expect(arrived.events).toHaveLength(1)
    expect(arrived.reconnectionTime).toBe(700)
  })

  test.each([
    ['text/event-stream', 200, true],
    ['Text/Event-Stream;Charset="UTF-8"', 200, true],
    ['text/event-stream', 204, false],
    ['text/event-streams', 200, false],
    ['', 200, false],
  ])('the type %j with status %i is an event stream: %s', (type, status, isStream) => {
    expect(stream(type, status).isEventStream).toBe(isStream)
  })
})
