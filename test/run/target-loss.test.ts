import { describe, expect, test } from '@jest/globals'
import { TargetLoss } from '../../runner/run/target-loss.ts'
import { caseOf } from './playing.ts'
import { answer, getsOk, playedOn } from './raw-server.ts'

describe('a target that goes away during a run', () => {
  const four = caseOf({ steps: getsOk, instances: ['one', 'two', 'three', 'four'] })

  test('is reported once, with the case that caused it, and later instances are not judged', async () => {
    const results = await playedOn(four, (socket, connection, server) => {
      if (connection === 1) return void answer(socket)
      server.close()
      socket.destroy()
    })
    const [one, ...others] = results.toSorted(
      (a, b) => Number(b.verdict === 'pass') - Number(a.verdict === 'pass'),
    )
    expect(one).toMatchObject({ instance: 'one', verdict: 'pass' })
    expect(others).toHaveLength(3)
    const reasons = new Set(others.map(({ verdict, reason }) => `${verdict}: ${reason}`))
    expect([...reasons]).toEqual([
      expect.stringMatching(
        /^inconclusive: the target was lost: .* belonged to http\/drafts\/case \[.*two\]/,
      ),
    ])
  })
})

describe('the loss of a target', () => {
  const none = { accepted: undefined, closed: undefined, refused: undefined }
  const reasonAfter = (...named: [string, Partial<typeof none> | Record<string, number>][]) => {
    const loss = new TargetLoss()
    for (const [name, trace] of named) loss.add(name, { ...none, ...trace })
    return loss.reason
  }

  test('is none while connections are taken, whatever is ended', () => {
    expect(reasonAfter(['a', { accepted: 1, closed: 2 }], ['b', { accepted: 3 }])).toBeUndefined()
  })

  test('is none where nobody ever was', () => {
    expect(reasonAfter(['a', { refused: 1 }])).toBeUndefined()
  })

  test('names only the cases whose connections closed with the target', () => {
    const reason = reasonAfter(
      ['early', { accepted: 10, closed: 20 }],
      ['open', { accepted: 100 }],
      ['long', { accepted: 50, closed: 500 }],
      ['last', { accepted: 490, closed: 501 }],
      ['late', { refused: 510 }],
      ['back', { accepted: 600, closed: 610 }],
    )
    expect(reason).toMatch(/belonged to long, last; with --concurrency 1/)
  })

  test('names a few of many', () => {
    const many = Array.from({ length: 9 }, (_, at): [string, object] => [
      `c${at}`,
      { accepted: 1, closed: 2 },
    ])
    expect(reasonAfter(...many, ['late', { refused: 3 }])).toContain('c0, c1, c2, c3, c4 and 4 more;')
  })
})
