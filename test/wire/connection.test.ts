import net from 'node:net'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { Connection } from '../../runner/wire/connection.ts'
import { defaultLimits } from '../../runner/wire/limits.ts'
import { Transcript } from '../../runner/wire/transcript.ts'

test('two writes are never mixed, even if the first is written in pieces', async () => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const received = once(server, 'connection').then(async ([socket]: net.Socket[]) => {
    const chunks: Buffer[] = []
    for await (const chunk of socket ?? []) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString()
  })
  const { port } = server.address() as net.AddressInfo
  const connection = await Connection.open(
    {
      url: new URL(`http://127.0.0.1:${port}`),
      tls: { rejectUnauthorized: true },
      actor: 'client',
      transcript: new Transcript(),
      limits: defaultLimits,
    },
    AbortSignal.timeout(5000),
  )
  await Promise.all([
    connection.write(Buffer.from('one by one '), 'pieces', 1),
    connection.write(Buffer.from('at once'), 'a whole'),
  ])
  connection.halfClose()
  await expect(received).resolves.toBe('one by one at once')
  connection.close()
  server.close()
})
