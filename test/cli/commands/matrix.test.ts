import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { json } from '../../../runner/report/reporters/json.ts'
import { Kept, result, runEnd, runStart } from '../../report/results.ts'
import { closedPort } from '../../targets/servers.ts'
import { Console } from '../console.ts'
import { OwnChapters } from '../own-chapters.ts'

const own = new OwnChapters()
const consoleThere = (): Console => new Console({ cwd: own.folder })
const serving = new Console()
let served: Promise<number>
let origin = ''

/** A report of cases of our own chapter, and of one that is not selected. */
async function report(): Promise<string> {
  const out = new Kept()
  const reporter = json.create(out, { verbose: false })
  reporter.start(runStart({ target: 'an|other' }))
  reporter.result(result('fail', { id: 'http/own/answers', instance: 'method=GET' }))
  reporter.result(result('pass', { id: 'http/own/answers', instance: 'method=HEAD' }))
  reporter.result(result('pass'))
  await reporter.end(runEnd())
  return out.text
}

beforeAll(async () => {
  served = serving.run('serve', '--port', '0')
  origin = (await serving.stdout.match(/at (http:\/\/\S+)/))[1] ?? ''
  writeFileSync(join(own.folder, 'report.json'), await report())
  writeFileSync(join(own.folder, 'live.yaml'), `target: ${origin}\nhttp: { path: / }\n`)
})

afterAll(async () => {
  serving.signals.emit('SIGTERM')
  await served
  own.remove()
})

const only = ['--specs', 'chapters', '--only', 'http/own']

describe('a matrix', () => {
  test('has a column for each description and each report, and a row for each case', async () => {
    const console = consoleThere()
    const argv = ['live.yaml', 'report.json', ...only, '--cases', '--html', 'matrix.html']
    expect([await console.run('matrix', ...argv), console.stderr.text]).toEqual([
      0,
      expect.stringMatching(/^playing .*live\.yaml\n$/),
    ])
    const rows = console.stdout.text.split('\n').map((row) => row.split(/ *\| */).slice(1, -1))
    expect(rows.filter((_, index) => index !== 1 && index < 4)).toEqual([
      ['Case', expect.stringMatching(/live\.yaml$/), 'an&#124;other'],
      ['http/own/answers', '✓ 2/2', '✗ 1/2'],
      ['http/own/is-a-teapot', '✗ 0/1', ''],
    ])
    const page = readFileSync(join(own.folder, 'matrix.html'), 'utf8')
    expect(page).toMatch(/<th>Case<\/th><th>[^<]*live\.yaml<\/th><th>an\|other<\/th>/)
    expect(page).toContain('<td>http/own/answers</td><td class="pass">2/2</td><td class="fail">1/2</td>')
  })

  test('of reports alone has a row for each chapter, in the order of the documentation', async () => {
    const console = consoleThere()
    expect(await console.run('matrix', 'report.json')).toBe(0)
    expect(console.stdout.text).toMatch(/\| Chapter .*\n.*\n\| http\/own +\| +✗ 1\/2 +\|\n\| websocket\/frag/)
    expect(console.stderr.text).toBe('')
  })

  test('leaves the column of an unreachable target empty, and says so', async () => {
    const console = consoleThere()
    const gone = `http://user:word@127.0.0.1:${await closedPort()}/`
    expect(await console.run('matrix', gone, 'report.json', ...only)).toBe(3)
    expect(console.stderr.text).toMatch(/cannot reach http.*connection refused/)
    expect(console.stdout.text).toMatch(/\| http\/own +\| +\| +✗ 1\/2 +\|/)
    expect(console.stdout.text + console.stderr.text).not.toContain('word')
  })

  test('does not begin if one of the files is invalid', async () => {
    writeFileSync(join(own.folder, 'bad.yaml'), `target: ${origin}\nhttp: { paht: / }\n`)
    const console = consoleThere()
    expect(await console.run('matrix', 'live.yaml', 'bad.yaml')).toBe(2)
    expect(console.stderr.text).toMatch(/^[^\n]*bad\.yaml:2:\d+: [^\n]*paht[^\n]*\n$/)
  })
})
