import { afterAll, describe, expect, test } from '@jest/globals'

import { createReferenceServer } from '../../reference-server/index.ts'
import { loadTarget } from '../../runner/index.ts'
import { conformance, type TestRunner } from '../../runner/jest.ts'

// Registers real tests.
await conformance({ only: ['polling/empty-answers'], describe, test, afterAll })

/** A test runner that only records its tests. */
class RecordingRunner {
  readonly tests = new Map<string, () => void | Promise<void>>()
  readonly skipped: string[] = []
  readonly ends: (() => void | Promise<void>)[] = []

  readonly runner: TestRunner = {
    describe: (_name, body) => body(),
    test: Object.assign((name: string, body: () => void | Promise<void>) => void this.tests.set(name, body), {
      skip: (name: string) => void this.skipped.push(name),
    }),
    afterAll: (body) => void this.ends.push(body),
  }

  async end(): Promise<void> {
    for (const end of this.ends) await end()
  }
}

describe('the binding', () => {
  test('fails a test with expectation and observation, and skips cases that the target cannot play', async () => {
    const server = createReferenceServer()
    const { origin } = await server.listen(0)
    const kept = new RecordingRunner()
    try {
      // The greeting page refuses every handshake.
      await conformance({
        target: (await loadTarget(origin)).as({ target: origin, websocket: { path: '/' } }, ''),
        only: ['websocket/opening-handshake', 'polling'],
        ...kept.runner,
      })
      const [first] = kept.tests.values()
      await expect(Promise.resolve(first?.())).rejects.toThrow(/expected: .*101.*\n.*observed: /s)
      expect(kept.skipped.some((name) => /polling\/.*the target has no polling/.test(name))).toBe(true)
    } finally {
      await kept.end()
      await server.close()
    }
  })

  test('without a test runner it says what to pass', async () => {
    const globals = globalThis as { afterAll?: unknown }
    const kept = globals.afterAll
    globals.afterAll = undefined
    await expect(conformance({ only: ['polling'] })).rejects.toThrow(/pass those of your test runner/)
    globals.afterAll = kept
  })
})
