import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser, or that of `CHROMIUM`. Without a browser these tests fail. */
function installed(): string {
  const named = process.env['CHROMIUM']
  const found = (named === undefined ? places : [named]).find((place) => existsSync(place))
  if (found !== undefined) return found
  throw new Error(`no Chromium at ${named ?? places.join(', ')}: install it, or name it in CHROMIUM`)
}
const chromium = installed()

/** Time-out of a test on a busy machine, in milliseconds. */
export const patienceMs = 120_000

const flags = [
  '--headless',
  // Chromium has no sandbox for root.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--remote-debugging-port=0',
]

/** A browser with a new profile. */
export interface Browser {
  readonly process: ChildProcess
  close(): Promise<void>
}

export async function launch(url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'pushspec-browser-'))
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = once(browser, 'exit')
  browser.stderr.resume()
  const close = async (): Promise<void> => {
    browser.kill('SIGKILL')
    await gone
    // Helper processes may still be writing.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  return { process: browser, close }
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * Opens a page whose script is `script` and gives what it hands to `report(value)`, as JSON. `handle` answers other
 * requests of the page; it says whether it did.
 */
export async function inBrowser(script: string, handle: Handler = () => false): Promise<unknown> {
  let settle = (_value: unknown): void => undefined
  const reported = new Promise<unknown>((resolve) => (settle = resolve))
  const server = createServer((request, response) => {
    if (handle(request, response)) return
    if (request.url === '/report') collect(request, (text) => settle(JSON.parse(text)))
    else response.setHeader('Content-Type', 'text/html; charset=utf-8')
    response.end(request.url === '/' ? pageOf(script) : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const browser = await launch(`http://127.0.0.1:${port}/`)
  try {
    return await reported
  } finally {
    await browser.close()
    server.closeAllConnections()
    server.close()
  }
}

const pageOf = (script: string): string => `<!doctype html><meta charset="utf-8"><script type="module">
const report = (value) => fetch('/report', { method: 'POST', body: JSON.stringify(value) })
try { ${script} } catch (error) { report(String(error)) }
</script>`

function collect(request: IncomingMessage, done: (text: string) => void): void {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => done(Buffer.concat(parts).toString()))
}
