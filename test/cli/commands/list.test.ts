import { afterAll, describe, expect, test } from '@jest/globals'
import { type Static, Type } from '@sinclair/typebox'
import { parsed } from '../../report/parsed.ts'
import { Console } from '../console.ts'
import { OwnChapters } from '../own-chapters.ts'

const Listed = Type.Array(
  Type.Object({
    id: Type.String(),
    title: Type.String(),
    level: Type.String(),
    needs: Type.Array(Type.String()),
    instances: Type.Array(Type.String()),
  }),
)

async function listed(...argv: string[]): Promise<Static<typeof Listed>> {
  const console = new Console()
  expect([await console.run('list', '--json', ...argv), console.stderr.text]).toEqual([0, ''])
  return parsed(Listed, console.stdout.text)
}

describe('list', () => {
  test('--json lists the same cases as the text', async () => {
    const console = new Console()
    expect(await console.run('list')).toBe(0)
    const all = await listed()
    expect(all.length).toBeGreaterThan(10)
    for (const { id } of all) expect(console.stdout.text).toContain(` ${id}`)
  })

  test('--only and --skip take addresses, several with commas', async () => {
    const protocols = new Set((await listed('--only', 'http,polling')).map(({ id }) => id.split('/')[0]))
    expect(protocols).toEqual(new Set(['http', 'polling']))
    const skipped = await listed('--only', 'http', '--only', 'polling', '--skip', 'polling')
    expect(new Set(skipped.map(({ id }) => id.split('/')[0]))).toEqual(new Set(['http']))
  })

  test('--level leaves out weaker levels', async () => {
    expect(new Set((await listed('--level', 'must')).map(({ level }) => level))).toEqual(new Set(['MUST']))
  })

  test('of an address that does not exist is an error with the nearest one', async () => {
    const console = new Console()
    expect(await console.run('list', '--only', 'webscoket')).toBe(2)
    expect(console.stderr.text).toMatch(/"webscoket".*did you mean "websocket"\?/)
    expect(console.stdout.text).toBe('')
  })

  test('of an empty selection is an error', async () => {
    const console = new Console()
    expect(await console.run('list', '--only', 'http', '--skip', 'http')).toBe(2)
    expect(console.stderr.text).toMatch(/empty/)
  })

  test('separates needs of every instance from needs of some', async () => {
    const console = new Console()
    expect(await console.run('list', '--only', 'delivery/order/one-order-for-all')).toBe(0)
    expect(console.stdout.text).toMatch(/  needs publish; by instance: delivery\.sse, delivery\.websocket  /)
  })
})

describe('--specs', () => {
  const own = new OwnChapters()
  afterAll(() => own.remove())

  test('adds own chapters, relative to the working directory', async () => {
    const console = new Console({ cwd: own.folder })
    expect([
      await console.run('list', '--json', '--specs', 'chapters', '--only', 'http/own/answers'),
      console.stderr.text,
    ]).toEqual([0, ''])
    expect(JSON.parse(console.stdout.text)).toMatchObject([
      { id: 'http/own/answers', needs: ['http'], instances: ['method=GET', 'method=HEAD'] },
    ])
  })

  test('of a folder that does not exist is an error', async () => {
    const console = new Console({ cwd: own.folder })
    expect(await console.run('list', '--specs', 'chaptres')).toBe(2)
    expect(console.stderr.text).toContain('chaptres')
  })
})
