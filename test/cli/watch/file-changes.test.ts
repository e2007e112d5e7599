import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

import { FileChanges } from '../../../runner/cli/watch/file-changes.ts'

let folder = ''
let changes: FileChanges
const never = new AbortController().signal

const at = (...names: string[]): string => join(folder, ...names)

function write(name: string, text = name): void {
  mkdirSync(dirname(at(name)), { recursive: true })
  writeFileSync(at(name), text)
}

/** The changes reported for these actions, sorted by name; the last action is always reported. */
async function told(...actions: (() => void)[]): Promise<string[]> {
  for (const action of actions) action()
  write('src/end.js', String(Math.random()))
  const seen = new Set<string>()
  while (!seen.has('src/end.js'))
    for (const path of await changes.next(never)) seen.add(relative(folder, path).replaceAll('\\', '/'))
  seen.delete('src/end.js')
  return [...seen].toSorted()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pushspec-changes-'))
  for (const name of [
    'target.yaml',
    'other.yaml',
    'src/a.js',
    'src/lib/b.js',
    'src/node_modules/c.js',
    'src/.git/d',
  ])
    write(name)
  const paths = [at('target.yaml'), at('src'), at('none.yaml')]
  changes = new FileChanges({ paths, ignored: [at('src/report.json')] })
})

afterEach(() => {
  changes.close()
  rmSync(folder, { recursive: true })
})

describe('a change is reported', () => {
  test.each([
    ['of a file', ['target.yaml'], ['target.yaml']],
    ['of a file that was not there', ['none.yaml'], ['none.yaml']],
    ['at any depth of a folder', ['src/a.js', 'src/lib/b.js'], ['src/a.js', 'src/lib/b.js']],
    ['of no other file', ['other.yaml'], []],
    ['of nothing installed or hidden', ['src/node_modules/c.js', 'src/.git/d', 'src/.a.js.swp'], []],
    ['of no report of the run itself', ['src/report.json'], []],
  ])('%s', async (_, names, expected) => {
    expect(await told(() => names.forEach((name) => write(name, 'changed')))).toEqual(expected)
  })

  test('of a file that an editor replaces, each time', async () => {
    const replace = (): void => {
      write('src/lib/.b.js.tmp')
      renameSync(at('src/lib/.b.js.tmp'), at('src/lib/b.js'))
    }
    expect(await told(replace)).toEqual(['src/lib/b.js'])
    expect(await told(replace)).toEqual(['src/lib/b.js'])
    expect(await told(() => write('src/lib/b.js', 'changed'))).toEqual(['src/lib/b.js'])
  })

  test('in a folder that is new, or was created again', async () => {
    await told(() => write('src/new/deep/e.js'))
    expect(await told(() => write('src/new/deep/e.js', 'changed'))).toEqual(['src/new/deep/e.js'])
    await told(() => rmSync(at('src/lib'), { recursive: true }))
    await told(() => write('src/lib/b.js'))
    expect(await told(() => write('src/lib/b.js', 'changed'))).toEqual(['src/lib/b.js'])
  })

  test('when it happened before `next` was called', async () => {
    const witness = new FileChanges({ paths: [at('target.yaml')], ignored: [] })
    write('target.yaml', 'changed')
    await witness.next(never)
    witness.close()
    expect(await changes.next(never)).toEqual([at('target.yaml')])
  })
})

test('nothing is reported after the signal has aborted', async () => {
  const stop = new AbortController()
  const next = changes.next(stop.signal)
  stop.abort()
  expect(await next).toEqual([])
  expect(await changes.next(stop.signal)).toEqual([])
})
