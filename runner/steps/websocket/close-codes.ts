import { type Static, Type } from '@sinclair/typebox'
import { asList, oneOrMore } from '../language/arguments.ts'

export const CloseCode = Type.Integer({ minimum: 0, maximum: 65535 })

/** The close codes that a case expects. */
export const ExpectedCodes = oneOrMore(
  Type.Union([
    CloseCode,
    Type.Literal('normal', {
      description: 'Any code that states no failure: 1000, 1001, or a code of applications (3000 to 4999)',
    }),
  ]),
)
export type ExpectedCodes = Static<typeof ExpectedCodes>

// RFC 6455 section 5.5.1: the response to a Close usually, but not always, repeats its code.
const isNormal = (code: number): boolean => code === 1000 || code === 1001 || (code >= 3000 && code <= 4999)

/** Whether a code is one of those that a case expects. */
export const codeIsExpected = (expected: ExpectedCodes, code: number): boolean =>
  asList(expected).some((one) => (one === 'normal' ? isNormal(code) : one === code))

/** The expected codes for "expected …": `code 1002 or code 1007`. */
export const describeCodes = (expected: ExpectedCodes): string =>
  [...new Set(asList(expected))]
    .map((one) => (one === 'normal' ? 'a code that states no failure' : `code ${one}`))
    .join(' or ')
