import { describe, expect, test } from '@jest/globals'

import { createReferenceServer } from '../../reference-server/index.ts'
import { Console } from './console.ts'

describe('init', () => {
  test('writes what it saw, and for each line that is missing how many cases it opens', async () => {
    const server = createReferenceServer()
    const { host } = await server.listen(0)
    const console = new Console()
    try {
      const code = await console.run('init', '--out', '-', `ws://${host}/echo`)
      expect([code, console.stderr.text]).toEqual([0, expect.stringContaining('it sent a text back')])
    } finally {
      await server.close()
    }
    expect(console.stdout.text).toMatch(/^websocket:\n {2}path: \/echo\n {2}echo: true$/m)
    expect(console.stdout.text).toMatch(/^# publish: .* # opens \d+ cases$/m)
    expect(console.stdout.text).toMatch(/ # opens 1 case$/m)
  })
})
