import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { ByteQueue } from '../../../runner/wire/bytes/byte-queue.ts'

describe('the queue of bytes', () => {
  const action = fc.oneof(
    fc.uint8Array({ maxLength: 700 }).map((bytes) => ({ append: bytes })),
    fc.integer({ min: 0, max: 900 }).map((count) => ({ take: count })),
  )

  test('returns bytes in order, and finds line ends', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const queue = new ByteQueue()
        let model: number[] = []
        for (const step of actions) {
          if ('append' in step) {
            queue.append(step.append)
            model.push(...step.append)
          } else {
            expect([...queue.take(step.take)]).toEqual(model.slice(0, step.take))
            model = model.slice(step.take)
          }
          expect(queue.length).toBe(model.length)
          expect(queue.at(3)).toBe(model[3])
          expect(queue.lineEnd()).toBe(model.indexOf(10))
        }
      }),
    )
  })
})
