import { expect, test } from '@jest/globals'
import { Silence } from '../../../runner/steps/stage/optional-behaviour.ts'

const after = (...came: readonly boolean[]): boolean => {
  const silence = new Silence()
  for (const one of came) silence.note('an answer', one)
  return silence.isExpected('an answer')
}

test('silence is expected after three waits in vain', () => {
  expect(after(false, false)).toBe(false)
  expect(after(false, false, false)).toBe(true)
})

test('what came once is waited for ever after', () => {
  expect(after(false, false, true, false, false, false, false)).toBe(false)
})

test('one thing says nothing of another', () => {
  const silence = new Silence()
  for (let time = 0; time < 5; time++) silence.note('an answer', false)
  expect(silence.isExpected('an update')).toBe(false)
})
