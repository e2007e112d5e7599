import { describe, expect, test } from '@jest/globals'

import { Console } from '../console.ts'

async function served(...argv: string[]): Promise<{ console: Console; url: string; code: Promise<number> }> {
  const console = new Console()
  const code = console.run('serve', '--port', '0', ...argv)
  const [, url = ''] = await console.stdout.match(/at (http:\/\/\S+)/)
  return { console, url, code }
}

describe('serve', () => {
  test.each(['SIGINT', 'SIGTERM'])(
    'answers at the address it prints until %s, and ends with 0',
    async (name) => {
      const { console, url, code } = await served()
      const answer = await fetch(url)
      await answer.text()
      expect(answer.status).toBe(200)
      console.signals.emit(name)
      expect(await code).toBe(0)
      await expect(fetch(url)).rejects.toThrow()
    },
  )

  test('prints its endpoints', async () => {
    const { console, code } = await served()
    for (const path of ['/publish/', '/poll/', '/wait/', '/events/', '/echo', '/ws/'])
      expect(console.stdout.text).toContain(path)
    console.signals.emit('SIGINT')
    await code
  })

  test('passes its durations to the server', async () => {
    const { console, url, code } = await served('--hold', '1ms', '--retry', '77ms')
    const poll = await fetch(`${url}/wait/news`)
    expect(poll.status).toBe(204)
    const stream = await fetch(`${url}/events/news`)
    const first = await stream.body?.getReader().read()
    expect(Buffer.from(first?.value ?? []).toString()).toContain('retry: 77')
    console.signals.emit('SIGINT')
    expect(await code).toBe(0)
  })

  test('says what to do when the port is in use', async () => {
    const { console, url, code } = await served()
    const other = new Console()
    expect(await other.run('serve', '--port', new URL(url).port)).toBe(2)
    expect(other.stderr.text).toMatch(/port \d+: the port is in use; --port 0 chooses a free one/)
    console.signals.emit('SIGINT')
    await code
  })
})
