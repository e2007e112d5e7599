import net, { type AddressInfo } from 'node:net'
import { entry, requirement, result } from '../report/results.ts'
import type { Result } from '../../runner/run/result.ts'

/** Each of them sets `hacked` if it is executed. */
const attacks = [
  '</script><script>hacked=1</script>',
  '</style><script>hacked=2</script>',
  '</title><script>hacked=3</script>',
  '<img src=x onerror="hacked=4">',
  '"><svg onload=hacked=5>',
  "' autofocus onfocus='hacked=6' x='",
  '--><script>hacked=7</script><!--',
  '&lt;script&gt;hacked=8&lt;/script&gt;',
  'javascript:hacked=9',
]
export const attack = attacks.join(' ')

/** A server with attacks in every part of its responses. */
export async function hostileServer(): Promise<{ url: string; close: () => void }> {
  const answer = [
    `HTTP/1.1 200 ${attack}`,
    'Content-Type: text/event-stream',
    ...attacks.map((text, index) => `X-${text.replaceAll(/[:\s]/g, '')}: ${index} ${text}`),
    `Location: javascript:hacked=10`,
    '',
    `id: ${attack}`,
    `event: ${attack}`,
    `: ${attack}`,
    `data: ${attack}`,
    attack,
    '',
    '',
  ].join('\r\n')
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

/** Results with an attack in every text, also in texts that no target can write. */
export const hostileResults = (): Result[] =>
  (['pass', 'fail', 'warn', 'skip', 'inconclusive'] as const).map((verdict) =>
    result(verdict, {
      id: `http/${attack}/${attack}`,
      instance: attack,
      title: attack,
      chapter: attack,
      reason: attack,
      expected: verdict === 'fail' ? attack : '',
      observed: attack,
      enable: attack,
      known: attack,
      requirements: [
        { ...requirement, id: attack, text: attack, source: attack, url: 'javascript:hacked=11' },
      ],
      transcript: [
        entry(attack, attack, { actor: attack }),
        entry(attack, Buffer.from(attack, 'utf16le'), { direction: 'sent' }),
        entry(attack, '', { direction: 'note' }),
      ],
    }),
  )
