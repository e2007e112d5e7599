import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { compareSequences, describeDisorder, type Disorder } from '../../../runner/steps/delivery/sequence.ts'

const nothing: Disorder = { lost: [], doubled: [], late: [], altered: [], foreign: [] }

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

  test('names what is lost', () => {
    fc.assert(
      fc.property(sentAndPlace, ([sent, at]) => {
        expect(compareSequences(sent, sent.toSpliced(at, 1))).toEqual({ ...nothing, lost: [at + 1] })
      }),
    )
  })

  test('names what came twice, wherever the second one is', () => {
    fc.assert(
      fc.property(sentAndPlace, fc.nat(), ([sent, at], later) => {
        const place = at + 1 + (later % (sent.length - at))
        const received = sent.toSpliced(place, 0, sent[at] ?? '')
        expect(compareSequences(sent, received)).toEqual({ ...nothing, doubled: [at + 1] })
      }),
    )
  })

  test('names what came after a later one', () => {
    fc.assert(
      fc.property(sentAndPlace, ([sent, at]) => {
        const received = sent.toSpliced(at, 2, sent[at + 1] ?? '', sent[at] ?? '')
        expect(compareSequences(sent, received)).toEqual({ ...nothing, late: [at + 1] })
      }),
    )
  })

  test('names what came as another text, be it that of an earlier one', () => {
    fc.assert(
      fc.property(sentAndPlace, fc.string(), ([sent, at], other) => {
        fc.pre(sent.indexOf(other) < at)
        const altered = [{ number: at + 1, received: other }]
        expect(compareSequences(sent, sent.with(at, other))).toEqual({ ...nothing, altered })
      }),
    )
  })

  test('names what nobody sent', () => {
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
        const { lost, doubled, foreign } = compareSequences(sent, received)
        expect(sent.length - lost.length + doubled.length + foreign.length).toBe(received.length)
      }),
    )
  })
})

const show = (text: string): string => JSON.stringify(text)

describe('a disorder in words', () => {
  test('is silent where nothing is wrong, and about the order where it is not judged', () => {
    expect(describeDisorder(nothing, { ordered: true, show })).toBeUndefined()
    expect(describeDisorder({ ...nothing, late: [1] }, { ordered: false, show })).toBeUndefined()
    expect(describeDisorder({ ...nothing, late: [1] }, { ordered: true, show })).toContain('number 1')
  })

  test('counts what would make it too long', () => {
    const lost = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(describeDisorder({ ...nothing, lost }, { ordered: true, show })).toBe(
      'number 1, 2, 3, 4, 5 and 95 more did not come',
    )
  })
})
