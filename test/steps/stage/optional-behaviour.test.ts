import { expect, test } from '@jest/globals'
import { OptionalBehaviours } from '../../../runner/steps/stage/optional-behaviour.ts'

const isUnlikelyAfter = (...observed: readonly boolean[]): boolean => {
  const behaviours = new OptionalBehaviours()
  for (const one of observed) behaviours.record('a response', one)
  return behaviours.isUnlikely('a response')
}

test('a behaviour is unlikely after three waits without it', () => {
  expect(isUnlikelyAfter(false, false)).toBe(false)
  expect(isUnlikelyAfter(false, false, false)).toBe(true)
})

test('a behaviour that was observed once is never unlikely', () => {
  expect(isUnlikelyAfter(false, false, true, false, false, false, false)).toBe(false)
})

test('behaviours are counted separately', () => {
  const behaviours = new OptionalBehaviours()
  for (let time = 0; time < 5; time++) behaviours.record('a response', false)
  expect(behaviours.isUnlikely('an update')).toBe(false)
})
