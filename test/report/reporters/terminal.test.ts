import { describe, expect, test } from '@jest/globals'

import type { RunEnd, RunStart } from '../../../runner/report/reporter.ts'
import { terminal } from '../../../runner/report/reporters/terminal.ts'
import type { Result } from '../../../runner/run/result.ts'
import { entry, Kept, result, runEnd, runStart } from '../results.ts'

interface Report {
  out?: Kept
  start?: Partial<RunStart>
  end?: Partial<RunEnd>
  verbose?: boolean
  quiet?: boolean
}

async function report(results: readonly Result[], options: Report = {}): Promise<string> {
  const out = options.out ?? new Kept()
  const reporter = terminal.create(out, { verbose: false, ...options })
  reporter.start(runStart({ total: results.length, ...options.start }))
  for (const one of results) reporter.result(one)
  await reporter.end(runEnd(options.end))
  return out.text
}

/** Every control character; the reporter itself writes `\n`. */
const steering = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('a finding', () => {
  const failed = result('fail', {
    instance: 'write=whole',
    transcript: [
      entry('ping frame', 'p', { direction: 'sent' }),
      entry('close frame', Uint8Array.of(0x88, 0x02, 0x03, 0xea)),
    ],
  })

  test.each([
    ['its name and instance', 'websocket/fragmentation/ping-between-fragments [write=whole]'],
    ['its title', 'A ping between two fragments gets its pong'],
    ['the requirement with its section', 'ws-pong-answers-ping (MUST, RFC 6455 section 5.5.2'],
    ['where to read it', 'https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2'],
    ['what was expected', 'expected  a pong with "p"'],
    ['what came', 'observed  a close frame'],
    ['the step, counted from one', 'step      4 (receive) at specs/websocket/fragmentation.yaml:12:7'],
    [
      'the command that shows it without the kit',
      "pushspec explain 'websocket/fragmentation/ping-between-fragments [write=whole]' --report FILE.json --reproduce",
    ],
    ['printable bytes as text', 'peer -> ping frame  "p"'],
    ['other bytes as hex', 'peer <- close frame  hex 88 02 03 ea'],
  ])('shows %s', async (_, text) => {
    expect(await report([failed])).toContain(text)
  })

  test('shows only the end of a long transcript, and says so', async () => {
    const transcript = Array.from({ length: 40 }, (_, index) => entry(`entry ${index};`))
    const text = await report([result('fail', { transcript })])
    expect(text).toContain('the last 12 of 40 entries')
    expect(text).toContain('entry 28;')
    expect(text).toContain('entry 39;')
    expect(text).not.toContain('entry 27;')
  })

  test('gives a reason only if it says more than expectation and observation', async () => {
    const [expected, observed] = ['a pong', 'a close frame']
    const repeating = result('fail', {
      expected,
      observed,
      reason: `expected ${expected}, got ${observed}`,
    })
    expect(await report([repeating])).not.toContain('reason')
    expect(await report([{ ...repeating, reason: 'no pong came' }])).toContain('reason    no pong came')
  })

  test('is shown in full for a warning too', async () => {
    expect(await report([result('warn', { observed: 'a late pong' })])).toContain('observed  a late pong')
  })
})

describe('a repeated result', () => {
  const instances = (verdict: 'fail' | 'inconclusive', more: (index: number) => Partial<Result>): Result[] =>
    [1, 2, 3].map((index) => result(verdict, { instance: `size=${index}`, ...more(index) }))

  test('is shown in full once for each case, and then with expectation and observation', async () => {
    const text = await report(instances('fail', (index) => ({ observed: `close frame ${index}` })))
    expect(text.match(/FAIL websocket/g)).toHaveLength(3)
    expect(text.match(/observed {2}close frame \d/g)).toHaveLength(3)
    expect(text.match(/ws-pong-answers-ping \(MUST/g)).toHaveLength(1)
  })

  test('is only counted if inconclusive, even if channels and numbers in the reasons differ', async () => {
    const failed = instances('inconclusive', (index) => ({
      reason: `POST /pushspec-a${index}: got 404 "page ${index}"`,
    }))
    const text = await report([...failed, result('inconclusive', { reason: 'something else' })])
    expect(text.match(/could not judge websocket/g)).toHaveLength(2)
    expect(text).toContain('and 2 more cases, which could not be judged for the same reason')
    expect((await report(failed, { verbose: true })).match(/could not judge websocket/g)).toHaveLength(3)
  })
})

describe('text of a target', () => {
  const hostile =
    '\u001b[2J\u001b]0;owned\u0007 \u009b31m \u202etxt\u2066 \u2028 \r\n\u0000\u007f \u{e0041} \ud800'

  test('cannot control the terminal, in any member', async () => {
    const one = result('fail', {
      id: `websocket/x${hostile}/y`,
      instance: hostile,
      title: hostile,
      chapter: hostile,
      reason: hostile,
      expected: hostile,
      observed: hostile,
      step: { index: 0, verb: hostile, at: hostile },
      transcript: [entry(hostile, hostile, { actor: hostile })],
    })
    const skipped = result('skip', { enable: hostile })
    const start = { target: hostile, took: hostile, seed: hostile }
    const text = await report([one, { ...one, verdict: 'inconclusive' }, skipped], { start, verbose: true })
    expect(text).not.toMatch(steering)
    expect(text).toContain(String.raw`\x1b[2J`)
    expect(text).toContain(String.raw`\u{202e}`)
  })

  test('is truncated when it is long', async () => {
    const text = await report([result('fail', { observed: 'x'.repeat(1_000_000) })])
    expect(text.length).toBeLessThan(10_000)
    expect(text).toContain('(1000000 characters)')
  })
})

describe('the end of a report', () => {
  test('counts passes in one line for each chapter and lists them only with --verbose', async () => {
    const passes = [1, 2, 3].map((size) => result('pass', { instance: `size=${size}` }))
    const brief = await report(passes)
    expect(brief).toMatch(/Fragmentation {2}websocket\/fragmentation {2}3 pass/)
    expect(brief).not.toContain('[size=2]')
    expect(await report(passes, { verbose: true })).toContain('[size=2]')
  })

  const openings = {
    selected: 14,
    concerned: 14,
    together: 12,
    best: [{ line: 'sse: { path: /e, resume: true }', opens: 11, helps: 3 }],
    all: [
      { line: 'sse: { path: "/e", resume: true }', opens: 11, helps: 3 },
      { line: 'sharedCursor: true', opens: 0, helps: 1 },
    ],
  }
  const skips = Array.from({ length: 13 }, (_, size) => result('skip', { instance: `${size}`, enable: 'x' }))

  test('says how much was judged and which lines would enable more, each of them once', async () => {
    const text = await report([result('pass'), ...skips], { start: { target: 'my.yaml', openings } })
    expect(text).toContain('1 of 14 cases judged; this line in my.yaml enables 12 more:\n')
    expect(text).toContain('  sse: { path: /e, resume: true }  enables 11 cases\n')
    expect(text).toContain('  sharedCursor: true  enables 1 case, with other lines\n')
    expect(text.match(/resume: true/g)).toHaveLength(1)
  })

  test('says where to write the lines if there is no description yet', async () => {
    const two = { ...openings, best: [...openings.best, { line: 'retains: 1000', opens: 1, helps: 0 }] }
    const text = await report([result('pass'), ...skips], { start: { openings: two } })
    expect(text).toMatch(/; these two lines in a target description \(pushspec init .*\) enable 12 more:\n/)
  })

  test('says nothing about all cases if only a part was played', async () => {
    expect(await report(skips.slice(0, 3), { start: { openings } })).not.toContain('cases judged')
  })

  test('gives the reason of skipped cases that no line would enable', async () => {
    const text = await report([result('skip', { enable: '', reason: 'it takes long' })])
    expect(text).toContain('  it takes long  1 case\n')
  })

  test('has chapters in the order of the documentation', async () => {
    const ids = ['websocket/closing/a', 'http/status/a', 'websocket/closing/b', 'long-polling/holding/a']
    const text = await report(ids.map((id) => result('pass', { id, chapter: `Chapter of ${id}` })))
    const order = ['\nHTTP\n', '\nLong-polling\n', '\nWebSocket\n'].map((heading) => text.indexOf(heading))
    expect(order).toEqual(order.toSorted((one, other) => one - other))
    expect(order).not.toContain(-1)
  })

  test('says what the exit code means and how much was not played', async () => {
    const end = { interrupted: true, exitCode: 130 }
    const text = await report([result('pass')], { start: { total: 9 }, end })
    expect(text).toContain('1 pass (1 of 9 played)')
    expect(text).toContain('exit code 130: interrupted')
  })

  test('says that no case was played', async () => {
    expect(await report([], { end: { exitCode: 3 } })).toContain('no case was played')
  })

  test('gives the reason of an inconclusive result', async () => {
    const text = await report([result('inconclusive', { reason: 'the publish hook answered 500' })])
    expect(text).toMatch(/could not judge websocket.*\n.*\n +reason {4}the publish hook answered 500/)
  })

  test('gives a reason of many results once, at the end', async () => {
    const many = Array.from({ length: 9 }, (_, at) =>
      result('inconclusive', { instance: `n=${at}`, reason: 'connection refused' }),
    )
    const text = await report([...many, result('inconclusive', { reason: 'the hook answered 500' })])
    expect(text.match(/connection refused/g)).toHaveLength(1)
    expect(text).toMatch(/Could not judge 9 cases: connection refused\n.*n=0\]\n.*\n.*n=2\]\n +and 6 more/)
    expect(text).toContain('the hook answered 500')
  })
})

describe('on a terminal', () => {
  test('one line shows the progress, and is removed at the end', async () => {
    const out = new Kept({ isTTY: true })
    const text = await report([result('pass')], { out, start: { total: 4 } })
    expect(text).toContain('=====--------------- 1/4')
    expect(text).toContain('\u001b[2K')
  })

  test('no progress is shown when the output is piped', async () => {
    const out = new Kept()
    const reporter = terminal.create(out, { verbose: false })
    reporter.start(runStart())
    const before = out.text
    reporter.result(result('pass'))
    expect(out.text).toBe(before)
  })

  test('colours are used only if requested', async () => {
    expect(await report([result('fail')], { out: new Kept({ colour: true }) })).toContain('\u001b[31m')
    expect(await report([result('fail')])).not.toContain('\u001b')
  })
})

describe('with --quiet', () => {
  const loud: Report = { quiet: true, start: { took: 'an event stream', total: 4 }, end: { exitCode: 1 } }

  test('only findings and a summary line are shown', async () => {
    const results = [
      result('pass'),
      result('skip', { enable: 'sse: { path: ... }' }),
      result('warn', { id: 'http/methods/a', known: 'ticket 7' }),
      result('fail', { instance: 'write=whole' }),
    ]
    const lines = (await report(results, loud)).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^FAIL websocket\/fragmentation\/ping-between-fragments \[write=whole\]/)
    expect(lines.filter((line) => /FAIL|WARN|skip|enables|detected as|known/.test(line))).toEqual([
      lines[0],
      lines.at(-1),
    ])
    expect(lines.at(-1)).toMatch(
      /^1 pass, 1 fail, 1 warn, 1 skip in .* seed 7 {2}exit code 1: the target breaks a requirement$/,
    )
  })

  test('inconclusive results are shown', async () => {
    const text = await report([result('inconclusive', { reason: 'no answer' })], loud)
    expect(text).toMatch(/^could not judge websocket.*\n.*\n +reason {4}no answer\n/)
  })

  test('no progress is shown', async () => {
    const out = new Kept({ isTTY: true })
    const text = await report([result('pass')], { ...loud, out, end: { exitCode: 0 } })
    expect(text).toMatch(/^1 pass .*exit code 0: nothing failed\n$/)
  })
})
