import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { WebSocket } from 'ws'
import { type Browser, launch } from './chromium.ts'

/** Messages of the DevTools protocol, with the members that are used here. */
interface Message {
  readonly id?: number
  readonly method?: string
  readonly sessionId?: string
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
  readonly params?: Record<string, unknown>
}

const keys: Readonly<Record<string, { readonly code: number; readonly text?: string }>> = {
  Enter: { code: 13, text: '\r' },
  Escape: { code: 27 },
  Tab: { code: 9 },
  ' ': { code: 32, text: ' ' },
}

/** A page in a separate browser, controlled by the DevTools protocol. */
export class Page {
  /** Errors on the console, exceptions, and violations of the content security policy. */
  readonly complaints: string[] = []
  readonly #browser: Browser
  readonly #socket: WebSocket
  readonly #answers = new Map<number, (message: Message) => void>()
  readonly #events = new Map<string, () => void>()
  #session = ''
  #sent = 0

  private constructor(browser: Browser, socket: WebSocket) {
    this.#browser = browser
    this.#socket = socket
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Message))
  }

  /** Resolves when the page and its resources are loaded. */
  static async open(url: string): Promise<Page> {
    const browser = await launch('about:blank')
    const socket = new WebSocket(await addressOf(browser), { perMessageDeflate: false })
    await once(socket, 'open')
    const page = new Page(browser, socket)
    await page.#attach()
    const loaded = page.#event('Page.loadEventFired')
    await page.#send('Page.navigate', { url })
    await loaded
    return page
  }

  /** The value of an expression in the page; rethrows its exception. */
  async evaluate<T>(expression: string): Promise<T> {
    const options = { expression, returnByValue: true, awaitPromise: true }
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', options)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value: T }).value
  }

  /** Presses and releases a key in the focused element. */
  async press(key: string): Promise<void> {
    const { code, text } = keys[key] ?? { code: key.toUpperCase().charCodeAt(0), text: key }
    const about = { key, windowsVirtualKeyCode: code }
    await this.#send('Input.dispatchKeyEvent', {
      type: 'keyDown',
      ...about,
      ...(text === undefined ? {} : { text }),
    })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', ...about })
  }

  async type(text: string): Promise<void> {
    for (const key of text) await this.press(key)
  }

  async look(scheme: 'light' | 'dark', width: number): Promise<void> {
    await this.#send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    })
    const size = { width, height: 900, deviceScaleFactor: 1, mobile: false }
    await this.#send('Emulation.setDeviceMetricsOverride', size)
  }

  async screenshot(file: string): Promise<void> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' })
    await writeFile(file, Buffer.from(data as string, 'base64'))
  }

  async close(): Promise<void> {
    this.#socket.terminate()
    await this.#browser.close()
  }

  async #attach(): Promise<void> {
    const { targetId } = await this.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.#send('Target.attachToTarget', { targetId, flatten: true })
    this.#session = String(sessionId)
    for (const domain of ['Page', 'Runtime', 'Log']) await this.#send(`${domain}.enable`)
  }

  #send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#sent
    const session = this.#session === '' ? {} : { sessionId: this.#session }
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      )
      this.#socket.send(JSON.stringify({ id, method, params, ...session }))
    })
  }

  #event(method: string): Promise<void> {
    return new Promise((resolve) => this.#events.set(method, resolve))
  }

  #take(message: Message): void {
    const { id, method = '', params = {} } = message
    if (id !== undefined) this.#answers.get(id)?.(message)
    this.#events.get(method)?.()
    const isError =
      method === 'Runtime.exceptionThrown' ||
      (method === 'Runtime.consoleAPICalled' && ['error', 'assert'].includes(String(params['type']))) ||
      (method === 'Log.entryAdded' && (params['entry'] as { level: string }).level === 'error')
    if (isError) this.complaints.push(JSON.stringify(params))
  }
}

/** The DevTools address, which the browser prints. */
async function addressOf({ process }: Browser): Promise<string> {
  if (process.stderr === null) throw new Error('nobody reads what the browser says')
  for await (const line of createInterface(process.stderr)) {
    const address = /^DevTools listening on (ws:\/\/\S+)/.exec(line)?.[1]
    if (address !== undefined) return address
  }
  throw new Error('the browser has ended')
}
