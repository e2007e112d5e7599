import { describe, expect, test } from '@jest/globals'
import { Departure } from '../../runner/run/target-loss.ts'
import { caseOf } from './playing.ts'
import { answer, getsOk, playedOn } from './raw-server.ts'

describe('a target that goes away during a run', () => {
  const four = caseOf({ steps: getsOk, instances: ['one', 'two', 'three', 'four'] })

  test('is told once, with the case that it did not survive, and what comes after is not judged', async () => {
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
      expect.stringMatching(/^inconclusive: the target went away: .* were of http\/drafts\/case \[.*two\]/),
    ])
  })
})

describe('a departure', () => {
  const none = { taken: undefined, ended: undefined, refused: undefined }
  const reasonAfter = (...sightings: [string, Partial<typeof none> | Record<string, number>][]) => {
    const departure = new Departure()
    for (const [name, traces] of sightings) departure.add(name, { ...none, ...traces })
    return departure.reason
  }

  test('is none while connections are taken, whatever is ended', () => {
    expect(reasonAfter(['a', { taken: 1, ended: 2 }], ['b', { taken: 3 }])).toBeUndefined()
  })

  test('is none where nobody ever was', () => {
    expect(reasonAfter(['a', { refused: 1 }])).toBeUndefined()
  })

  test('names those whose connections ended with the target, and nobody else', () => {
    const reason = reasonAfter(
      ['early', { taken: 10, ended: 20 }],
      ['open', { taken: 100 }],
      ['long', { taken: 50, ended: 500 }],
      ['last', { taken: 490, ended: 501 }],
      ['late', { refused: 510 }],
      ['back', { taken: 600, ended: 610 }],
    )
    expect(reason).toMatch(/were of long, last; played one at a time/)
  })

  test('names a few of many', () => {
    const many = Array.from({ length: 9 }, (_, at): [string, object] => [`c${at}`, { taken: 1, ended: 2 }])
    expect(reasonAfter(...many, ['late', { refused: 3 }])).toContain('c0, c1, c2, c3, c4 and 4 more;')
  })
})
