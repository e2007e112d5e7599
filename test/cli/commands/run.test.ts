import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from '@jest/globals'

import { type Report, ReportSchema } from '../../../runner/report/schema.ts'
import { parsed } from '../../report/parsed.ts'
import { Console } from '../console.ts'
import { OwnChapters } from '../own-chapters.ts'

const own = new OwnChapters()
afterAll(() => own.remove())

const consoleThere = (): Console => new Console({ cwd: own.folder })
const only = (name: string): string[] => ['--specs', 'chapters', '--only', `http/own/${name}`]
const reported = (console: Console): Report => parsed(ReportSchema, console.stdout.text)

/** A closed port. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('without a target', () => {
  test('the cases are played on the reference server', async () => {
    const console = consoleThere()
    expect([await console.run('run', ...only('answers')), console.stderr.text]).toEqual([0, ''])
    expect(console.stdout.text).toMatch(/the reference server(.*\n)*.*2 pass/)
  })

  test('`run` can be left out', async () => {
    const console = consoleThere()
    expect([await console.run(...only('answers')), console.stderr.text]).toEqual([0, ''])
    expect(console.stdout.text).toContain('2 pass')
  })

  test('a failure ends with 1 and is shown with the observation', async () => {
    const console = consoleThere()
    expect(await console.run(...only('is-a-teapot'))).toBe(1)
    expect(console.stdout.text).toMatch(/FAIL http\/own\/is-a-teapot(.*\n)*.*HTTP\/1\.1 200/)
  })

  test('a slow case is skipped, and a run with only such cases is unjudged', async () => {
    const console = consoleThere()
    expect(await console.run(...only('takes-long'))).toBe(3)
    expect(console.stdout.text).toContain('--full')
    expect(await consoleThere().run('--full', ...only('takes-long'))).toBe(0)
  })
})

describe('a part of the cases', () => {
  test('takes as long as the other part with --durations', async () => {
    const first = consoleThere()
    await first.run('--reporter', 'json', ...only('answers'))
    const report = reported(first)
    const cases = report.cases.map((one) => ({
      ...one,
      durationMs: one.instance === 'method=HEAD' ? 900 : 5,
    }))
    writeFileSync(join(own.folder, 'slow.json'), JSON.stringify({ ...report, cases }))
    const console = consoleThere()
    const argv = ['--shard', '2/2', '--durations', 'slow.json', '--specs', 'chapters']
    await console.run('--reporter', 'json', ...argv, '--only', 'http/own/answers,http/own/is-a-teapot')
    expect(
      reported(console)
        .cases.map(({ instance }) => instance)
        .toSorted(),
    ).toEqual(['', 'method=GET'])
  })

  test('with a missing file of durations ends with 2, because shards would not match', async () => {
    const console = consoleThere()
    expect(await console.run('--shard', '1/2', '--durations', 'none.json')).toBe(2)
    expect(console.stderr.text).toContain('cannot read the report none.json: there is no such file')
  })

  test('cannot be derived from an environment without variables of a parallel job', async () => {
    const console = consoleThere()
    expect(await console.run('--shard', 'auto')).toBe(2)
    expect(console.stderr.text).toMatch(/--shard auto finds no .* GitLab CI_NODE_INDEX \(from 1\)/)
  })
})

test('a quiet run without findings prints one line', async () => {
  const console = consoleThere()
  expect(await console.run('--quiet', ...only('answers'))).toBe(0)
  expect(console.stdout.text).toMatch(/^2 pass in .* exit code 0: nothing failed\n$/)
})

describe('reports', () => {
  test('json on stdout is the only output', async () => {
    const console = consoleThere()
    expect(await console.run('--reporter', 'json', ...only('answers'))).toBe(0)
    expect(reported(console)).toMatchObject({ summary: { pass: 2 }, interrupted: false, total: 2 })
  })

  test('in a file leave stdout to the terminal report', async () => {
    const console = consoleThere()
    expect(await console.run('--reporter', 'json=report.json', ...only('answers'))).toBe(0)
    expect(console.stdout.text).toContain('2 pass')
    const report: unknown = JSON.parse(readFileSync(join(own.folder, 'report.json'), 'utf8'))
    expect(report).toMatchObject({ summary: { pass: 2 } })
  })

  test('show no Authorization field', async () => {
    const console = consoleThere()
    const header = ['-H', 'Authorization: Bearer correct-horse']
    expect(await console.run('--reporter', 'json', ...header, ...only('is-a-teapot'))).toBe(1)
    const sent = reported(console).cases.flatMap((one) =>
      one.transcript.map((entry) => Buffer.from(entry.bytes, 'base64')),
    )
    expect(Buffer.concat(sent).toString()).toMatch(/authorization: .*\[secret\]/i)
    expect(Buffer.concat(sent).toString()).not.toContain('correct-horse')
    expect(console.stdout.text).not.toContain('correct-horse')
  })

  test('contain the seed that repeats the run', async () => {
    const console = consoleThere()
    await console.run('--reporter', 'json', '--seed', '42', ...only('answers'))
    expect(reported(console).seed).toBe('42')
  })
})

describe('a target', () => {
  test('that is unreachable ends with 3, and says why', async () => {
    const console = consoleThere()
    expect(await console.run(`http://127.0.0.1:${await freePort()}/`, ...only('answers'))).toBe(3)
    expect(console.stderr.text).toMatch(/cannot reach http.*(connection refused|ECONNREFUSED)/)
    expect(console.stdout.text).toBe('')
  })

  test('file that does not exist ends with 2', async () => {
    const console = consoleThere()
    expect(await console.run('none.yaml', ...only('answers'))).toBe(2)
    expect(console.stderr.text).toContain('none.yaml')
  })

  test('file with a mistake ends with 2 and its place', async () => {
    writeFileSync(
      join(own.folder, 'target.yaml'),
      'target: http://127.0.0.1:1\nsse: { path: /, resume: maybe }\n',
    )
    const console = consoleThere()
    expect(await console.run('target.yaml', ...only('answers'))).toBe(2)
    expect(console.stderr.text).toMatch(/target\.yaml:2:\d+: .*sse\.resume/)
  })

  test('that looks like a mistyped command suggests the command', async () => {
    const console = consoleThere()
    expect(await console.run('lsit')).toBe(2)
    expect(console.stderr.text).toMatch(/no command "lsit" \(did you mean "list"\?\)/)
  })

  test('is detected at a bare URL, and played', async () => {
    const serving = new Console()
    const served = serving.run('serve', '--port', '0')
    const [, url = ''] = await serving.stdout.match(/at (http:\/\/\S+)/)
    const console = consoleThere()
    expect([await console.run(url, ...only('answers')), console.stderr.text]).toEqual([0, ''])
    expect(console.stdout.text).toMatch(/detected as/)
    serving.signals.emit('SIGTERM')
    expect(await served).toBe(0)
  })
})

test('a run that is interrupted ends with 130 and a complete report', async () => {
  const console = consoleThere()
  const run = console.run('--reporter', 'json', '--only', 'long-polling')
  await Promise.race([run, console.stdout.match(/"cases":\[/)])
  console.signals.emit('SIGINT')
  expect(await run).toBe(130)
  expect(reported(console)).toMatchObject({ interrupted: true, exitCode: 130 })
  expect(console.signals.eventNames()).toEqual([])
})
