import { readFileSync } from 'node:fs'

import { describe, expect, test } from '@jest/globals'
import { XmlDocument, XsdValidator } from 'libxml2-wasm'
import { Parser } from 'tap-parser'

import { packageRoot } from '../../../runner/package/paths.ts'
import { badge } from '../../../runner/report/reporters/badge.ts'
import { github } from '../../../runner/report/reporters/github.ts'
import { html } from '../../../runner/report/reporters/html.ts'
import { junit } from '../../../runner/report/reporters/junit.ts'
import { markdown } from '../../../runner/report/reporters/markdown.ts'
import type { ReporterFactory } from '../../../runner/report/reporter.ts'
import { tap } from '../../../runner/report/reporters/tap.ts'
import type { Result, Verdict } from '../../../runner/run/result.ts'
import { entry, Kept, result, runEnd, runStart } from '../results.ts'

/** Text of a target that attacks the formats of reports. */
const hostile =
  ']]></failure><script>alert(1)</script>\u0000\u001b[2J\ufffe"\'&\n::error::mine\n# TODO %0A | `x` \u202e'

const everyVerdict: readonly Result[] = (['pass', 'fail', 'warn', 'skip', 'inconclusive'] as const).map(
  (verdict: Verdict, index) =>
    result(verdict, {
      instance: `number=${index}`,
      reason: hostile,
      observed: hostile,
      expected: hostile,
      enable: 'sse: { path: / }',
    }),
)

const openings = {
  selected: 5,
  concerned: 5,
  together: 1,
  best: [{ line: `sse: { path: /e, ${hostile.replaceAll('\n', ' ')} }\`\`\`\``, opens: 1, helps: 0 }],
  all: [],
}

async function written(factory: ReporterFactory, results: readonly Result[]): Promise<string> {
  const out = new Kept()
  const reporter = factory.create(out, { verbose: false })
  reporter.start(runStart({ total: results.length, target: 'my.yaml', openings }))
  for (const one of results) reporter.result(one)
  await reporter.end(runEnd())
  return out.text
}

function validate(xml: string): void {
  using schema = XmlDocument.fromString(
    readFileSync(`${packageRoot}/test/report/reporters/junit.xsd`, 'utf8'),
  )
  using validator = XsdValidator.fromDoc(schema)
  using document = XmlDocument.fromString(xml)
  validator.validate(document)
}

describe('junit', () => {
  test.each([
    ['every verdict', everyVerdict],
    ['an empty run', []],
    [
      'two thousand results',
      Array.from({ length: 2000 }, (_, index) => result('pass', { instance: `n=${index}` })),
    ],
  ])('%s is valid against the schema', async (_name, results) => {
    const xml = await written(junit, results)
    expect(() => validate(xml)).not.toThrow()
  })

  test('the schema refuses an invalid report', () => {
    expect(() => validate('<testsuites name="x" tests="1" failures="0" errors="0"/>')).toThrow(/time/)
  })

  test('counts failures, errors and skipped cases separately', async () => {
    const xml = await written(junit, everyVerdict)
    expect(xml).toMatch(/<testsuite [^>]*tests="5" failures="1" errors="1" skipped="1"/)
    expect(xml).not.toContain('<script>')
  })
})

describe('tap', () => {
  test('a parser reads the verdicts', async () => {
    const read = Parser.parse(await written(tap, everyVerdict))
    const asserts = read.flatMap((event) => (event[0] === 'assert' ? [event[1]] : []))
    expect(asserts.map(({ ok, skip }) => [ok, skip !== false])).toEqual([
      [true, false],
      [false, false],
      [true, false],
      [true, true],
      [false, false],
    ])
    expect(asserts.every(({ todo }) => todo === false)).toBe(true)
    expect(asserts[1]?.diag).toMatchObject({ verdict: 'fail', level: 'MUST' })
  })
})

describe('github', () => {
  test('text of a target never becomes a workflow command', async () => {
    const lines = (await written(github, everyVerdict)).trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['::error', '::warning', '::notice'])
  })

  test('the reason of inconclusive results is written once', async () => {
    const unjudged = everyVerdict.filter(({ verdict }) => verdict === 'inconclusive')
    expect(await written(github, [...unjudged, ...unjudged])).toBe(await written(github, unjudged))
  })
})

describe('markdown', () => {
  test('shows every finding, with markup escaped', async () => {
    const text = await written(markdown, everyVerdict)
    expect(text).toMatch(/\| websocket\/fragmentation +\| +1 \| +1 \| +1 \| +1 \| +1 \|/)
    expect(text.replace(/^````yaml$.*?^````$/ms, '')).not.toMatch(/<script>|````/)
    expect(text.match(/^\*\*(fail|warn|inconclusive)\*\*/gm)).toHaveLength(3)
  })
})

describe.each([
  ['markdown', markdown],
  ['html', html],
])('%s', (_name, factory) => {
  test('says how much was judged and which line would enable more', async () => {
    const text = await written(factory, everyVerdict)
    expect(text).toMatch(/3 of 5 cases judged; this line in my\.yaml enables 1 more:/)
    expect(text).toMatch(/^(<pre>)?sse: \{ path: \/e, .*# enables 1 case(<\/pre>)?$/m)
  })
})

describe('html', () => {
  test('text of a target never becomes markup, and only the script of the report may run', async () => {
    const text = await written(html, everyVerdict)
    expect(text.match(/<script/g)).toHaveLength(1)
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).toMatch(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/)
    expect(text.match(/<details data-verdict=/g)).toHaveLength(5)
  })

  test('has a reproduction to copy for each finding that can be reproduced', async () => {
    const open = { connection: 1, act: 'open', url: 'http://127.0.0.1:9' } as const
    const transcript = [
      entry('connected', '', { direction: 'note', ...open }),
      entry('GET request', hostile, { direction: 'sent', connection: 1 }),
    ]
    const text = await written(
      html,
      everyVerdict.map((one) => ({ ...one, transcript })),
    )
    expect(text.match(/<pre class="copy">/g)).toHaveLength(2)
    expect(text).toMatch(/<pre class="copy">[^<]*c1\.write\([^<]*&lt;script&gt;alert\(1\)/)
    expect(text.match(/<script/g)).toHaveLength(1)
  })
})

describe('badge', () => {
  test('counts passed and judged cases', async () => {
    const svg = await written(badge, everyVerdict)
    using document = XmlDocument.fromString(svg)
    expect(document.root.name).toBe('svg')
    expect(svg).toContain('1/4 pass')
  })
})
