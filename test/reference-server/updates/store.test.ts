import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { FellBehind, Store } from '../../../reference-server/updates/store.ts'

const roomy = { retainedUpdates: 1000, retainedBytes: 1024 * 1024 }

describe('positions', () => {
  test('rise by one within a channel, and after() gives exactly what is newer', () => {
    const store = new Store(roomy)
    for (const data of ['a', 'b', 'c']) store.publish('news', { data })
    store.publish('other', { data: 'x' })
    expect(store.head('news')).toBe(3)
    expect(store.after('news', 1).map(({ position, data }) => [position, data])).toEqual([
      [2, 'b'],
      [3, 'c'],
    ])
    expect(store.after('news', 3)).toEqual([])
    expect(store.after('nowhere', 0)).toEqual([])
  })

  test('are not used twice after a channel was dropped to make room', () => {
    const store = new Store({ retainedUpdates: 10, retainedBytes: 2000 })
    for (const data of ['1', '2', '3']) store.publish('old', { data })
    store.publish('big', { data: 'x'.repeat(1500) })
    expect(store.after('old', 0)).toEqual([])
    expect(store.head('old')).toBeGreaterThanOrEqual(3)
    expect(store.publish('old', { data: '4' }).position).toBeGreaterThan(3)
  })

  test('an id is the position unless the publisher names one, and finds its update', () => {
    const store = new Store(roomy)
    expect(store.publish('news', { data: 'a' })).toMatchObject({ id: '1', type: 'message' })
    expect(store.publish('news', { data: 'b', id: 'x', type: 'note' })).toMatchObject({
      id: 'x',
      type: 'note',
    })
    expect(store.positionOf('news', 'x')).toBe(2)
    expect(store.positionOf('news', 'y')).toBeUndefined()
  })
})

describe('retention', () => {
  test('drops the oldest updates of a channel first', () => {
    const store = new Store({ ...roomy, retainedUpdates: 2 })
    for (const data of ['a', 'b', 'c']) store.publish('news', { data })
    expect(store.after('news', 0).map(({ data }) => data)).toEqual(['b', 'c'])
    expect(store.start('news')).toBe(1)
  })

  test('spares a channel on which somebody waits, and drops an idle one', () => {
    const store = new Store({ retainedUpdates: 10, retainedBytes: 2200 })
    store.publish('watched', { data: 'w' })
    store.publish('idle', { data: 'i' })
    store.enter('watched', 'streams')
    store.publish('big', { data: 'x'.repeat(1500) })
    expect(store.after('watched', 0)).toHaveLength(1)
    expect(store.after('idle', 0)).toHaveLength(0)
  })

  test('keeps its bounds and its order whatever is published', () => {
    const publication = fc.record({ channel: fc.constantFrom('a', 'b', 'c'), length: fc.nat(900) })
    fc.assert(
      fc.property(fc.array(publication, { maxLength: 60 }), (publications) => {
        const store = new Store({ retainedUpdates: 5, retainedBytes: 4000 })
        const last = new Map<string, number>()
        for (const { channel, length } of publications) {
          const { position } = store.publish(channel, { data: 'x'.repeat(length) })
          expect(position).toBeGreaterThan(last.get(channel) ?? 0)
          last.set(channel, position)
        }
        const kept = ['a', 'b', 'c'].flatMap((channel) => store.after(channel, 0))
        expect(kept.reduce((sum, { data }) => sum + data.length, 0)).toBeLessThanOrEqual(4000)
        expect(kept.length).toBeLessThanOrEqual(15)
      }),
    )
  })
})

describe('waiting', () => {
  test('waitFor resolves with the next update, and with the signal', async () => {
    const store = new Store(roomy)
    const never = new AbortController()
    const waited = store.waitFor('news', 0, never.signal)
    store.publish('news', { data: 'a' })
    await waited
    const aborted = store.waitFor('news', 1, never.signal)
    never.abort()
    await aborted
    expect(store.head('news')).toBe(1)
  })

  test('a follower gets everything once and in order', async () => {
    const store = new Store(roomy)
    const stop = new AbortController()
    store.publish('news', { data: '1' })
    const seen: string[] = []
    for await (const { data } of store.follow('news', 0, stop.signal)) {
      seen.push(data)
      if (seen.length < 5) store.publish('news', { data: String(seen.length + 1) })
      else stop.abort()
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5'])
  })

  test('a follower that falls behind what is kept is told so, not given a gap', async () => {
    const store = new Store({ ...roomy, retainedUpdates: 2 })
    store.publish('news', { data: '1' })
    const follower = store.follow('news', 0, new AbortController().signal)
    await follower.next()
    for (const data of ['2', '3', '4', '5']) store.publish('news', { data })
    await expect(follower.next()).rejects.toBeInstanceOf(FellBehind)
  })

  test('whoever entered is counted until they leave, once', () => {
    const store = new Store(roomy)
    const leave = store.enter('news', 'held')
    store.enter('news', 'sockets')
    expect(store.waiters('news')).toEqual({ held: 1, streams: 0, sockets: 1 })
    leave()
    leave()
    expect(store.waiters('news')).toEqual({ held: 0, streams: 0, sockets: 1 })
  })
})
