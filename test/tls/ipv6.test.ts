import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createReferenceServer } from '../../reference-server/index.ts'
import { referenceDescription } from '../../runner/package/paths.ts'
import { loadTarget, type RunSettings, run, Tally } from '../../runner/index.ts'

const addresses = Object.values(networkInterfaces()).flatMap((list = []) => list)
const hasIPv6 = addresses.some(({ address }) => address === '::1')
const described = hasIPv6 ? describe : describe.skip

described(`a server on ::1${hasIPv6 ? '' : ' (skipped: this machine has no ::1)'}`, () => {
  const server = createReferenceServer()
  let base: URL
  beforeAll(async () => {
    base = await server.listen(0, '::1')
  })
  afterAll(() => server.close())

  async function summary(settings: RunSettings): Promise<Tally['summary']> {
    const tally = new Tally()
    for await (const result of run(settings)) tally.add(result)
    return tally.summary
  }

  test('says its address as a URL has it', () => {
    expect(base.href).toMatch(/^http:\/\/\[::1\]:\d+\/$/)
  })

  test('is judged at a URL of ws', async () => {
    const only = ['websocket/messages', 'websocket/opening-handshake']
    const { pass, fail, inconclusive } = await summary({ target: `ws://${base.host}/echo`, only })
    expect({ fail, inconclusive }).toEqual({ fail: 0, inconclusive: 0 })
    expect(pass).toBeGreaterThan(20)
  })

  test('is judged at a URL of http', async () => {
    const only = ['http/responses', 'polling']
    const { pass, fail, inconclusive } = await summary({ target: `${base.href}poll/ipv6`, only })
    expect({ fail, inconclusive }).toEqual({ fail: 0, inconclusive: 0 })
    expect(pass).toBeGreaterThan(5)
  })

  test('is judged as a description says', async () => {
    const target = await loadTarget(referenceDescription, { target: base.origin })
    const only = ['http/host-and-target', 'polling/cursors', 'server-sent-events/resume', 'delivery/order']
    const { pass, fail, inconclusive } = await summary({ target, only })
    await target.close()
    expect({ fail, inconclusive }).toEqual({ fail: 0, inconclusive: 0 })
    expect(pass).toBeGreaterThan(30)
  })
})
