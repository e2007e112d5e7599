import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareSequences, describeDisorder, type Disorder } from '../../../runner/steps/delivery/sequence.ts'

const nothing: Disorder = { lost: [], repeated: [], outOfOrder: [], altered: [], foreign: [] }

/** Different texts, at least two of them, and a place among all but the last. */
const sentAndPlace = fc
  .uniqueArray(fc.string(), { minLength: 2, maxLength: 40 })
  .chain((sent) => fc.tuple(fc.constant(sent), fc.nat(sent.length - 2)))

describe('a comparison of what was sent with what was received', () => {
  test('finds nothing where nothing is wrong, whichever texts are equal', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', 'b', '\n')), (sent) => {
        expect(compareSequences(sent, [...sent])).toEqual(nothing)
      }),
    )
  })

  test('names a lost text', () => {
    fc.assert(
      fc.property(sentAndPlace, ([sent, at]) => {
        expect(compareSequences(sent, sent.toSpliced(at, 1))).toEqual({ ...nothing, lost: [at + 1] })
      }),
    )
  })

  test('names a text that arrived twice, wherever the second one is', () => {
    fc.assert(
      fc.property(sentAndPlace, fc.nat(), ([sent, at], later) => {
        const place = at + 1 + (later % (sent.length - at))
        const received = sent.toSpliced(place, 0, sent[at] ?? '')
        expect(compareSequences(sent, received)).toEqual({ ...nothing, repeated: [at + 1] })
      }),
    )
  })

  test('names a text that arrived after a later one', () => {
    fc.assert(
      fc.property(sentAndPlace, ([sent, at]) => {
        const received = sent.toSpliced(at, 2, sent[at + 1] ?? '', sent[at] ?? '')
        expect(compareSequences(sent, received)).toEqual({ ...nothing, outOfOrder: [at + 1] })
      }),
    )
  })

  test('names a text that arrived changed, even into an earlier one', () => {
    fc.assert(
      fc.property(sentAndPlace, fc.string(), ([sent, at], other) => {
        fc.pre(sent.indexOf(other) < at)
        const altered = [{ number: at + 1, received: other }]
        expect(compareSequences(sent, sent.with(at, other))).toEqual({ ...nothing, altered })
      }),
    )
  })

  test('names a text that was never sent', () => {
    fc.assert(
      fc.property(sentAndPlace, fc.string(), ([sent, at], other) => {
        fc.pre(!sent.includes(other))
        const received = sent.toSpliced(at, 0, other)
        expect(compareSequences(sent, received)).toEqual({ ...nothing, foreign: [other] })
      }),
    )
  })

  test('accounts for every text, whatever was received', () => {
    const text = fc.constantFrom('a', 'b', 'c', 'd')
    fc.assert(
      fc.property(fc.array(text), fc.array(text), (sent, received) => {
        const { lost, repeated, foreign } = compareSequences(sent, received)
        expect(sent.length - lost.length + repeated.length + foreign.length).toBe(received.length)
      }),
    )
  })
})

const show = (text: string): string => JSON.stringify(text)

describe('a disorder in words', () => {
  test('is undefined if nothing is wrong, and ignores the order if it is not judged', () => {
    expect(describeDisorder(nothing, { ordered: true, show })).toBeUndefined()
    expect(describeDisorder({ ...nothing, outOfOrder: [1] }, { ordered: false, show })).toBeUndefined()
    expect(describeDisorder({ ...nothing, outOfOrder: [1] }, { ordered: true, show })).toBe(
      'update 1 after a later one',
    )
  })

  test('counts the updates beyond the first five', () => {
    const lost = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(describeDisorder({ ...nothing, lost }, { ordered: true, show })).toBe(
      'updates 1, 2, 3, 4, 5 and 95 more missing',
    )
  })
})
