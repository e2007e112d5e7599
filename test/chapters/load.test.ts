import { describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { casesIn, folderWith, load, problemsIn, problemsOf } from './chapters.ts'

const chapter = (protocol: string, id = 'one'): string =>
  `chapter: T\nprotocol: ${protocol}\nabout: A.\ncases:\n  - { id: ${id}, title: T, proves: [lp-must], steps: [poll: {}] }\n`

/** A case at line 5 whose steps start at line 9. */
const withSteps = (...steps: string[]): string =>
  `  - id: one\n    title: T\n    proves: [lp-must]\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}`

describe('a chapter', () => {
  test('has cases with an address, and one instance without vary', async () => {
    const [one] = await casesIn(
      withSteps('poll: { as: a }', 'given: { held: { request: a } }', 'held: { request: a }'),
    )
    expect(one).toMatchObject({
      id: 'long-polling/holding/one',
      protocol: 'long-polling',
      title: 'T',
      chapter: { title: 'Holding', about: 'Why.', address: 'long-polling/holding' },
      needs: [],
      alone: false,
      full: false,
      instances: [{ name: '', params: {}, also: [] }],
    })
    expect(one?.place).toMatchObject({ line: 5, column: 5 })
    expect(one?.instances[0]?.steps).toMatchObject([
      { verb: 'poll', args: { as: 'a' }, given: false, index: 0, place: { line: 9, column: 9 } },
      { verb: 'held', args: { request: 'a' }, given: true, index: 1, place: { line: 10, column: 18 } },
      { verb: 'held', given: false, index: 2 },
    ])
  })

  test('has its parameters substituted with their types; names of the run are kept', async () => {
    const [one] = await casesIn(
      `  - id: one
    title: T
    proves: [lp-must]
    vary: [{ times: 2, text: "a $\${b}" }, { times: 3, text: c }]
    also: ["x-\${times}"]
    steps:
      - capture: { as: seen }
      - poll: { times: "\${times}" }
      - send: { payload: ["\${text}", "\${case.nonce} \${case.channel} \${seen} \${env.TOKEN} \${times}"] }
`,
    )
    expect(one?.instances).toMatchObject([
      {
        name: expect.stringContaining('times=2'),
        params: { times: 2 },
        also: ['x-2'],
        steps: [
          {},
          { args: { times: 2 } },
          { args: { payload: ['a $${b}', '${case.nonce} ${case.channel} ${seen} ${env.TOKEN} 2'] } },
        ],
      },
      { also: ['x-3'], steps: [{}, { args: { times: 3 } }, {}] },
    ])
  })

  test('of server-sent events may have the protocol sse', async () => {
    const folder = await folderWith({ 'server-sent-events/format.yaml': chapter('sse') })
    expect((await load(folder))[0]?.cases[0]).toMatchObject({
      id: 'server-sent-events/format/one',
      protocol: 'server-sent-events',
    })
  })
})

describe('level and basis follow from the proved requirements', () => {
  test.each([
    ['[lp-may]', 'MAY', 'standard'],
    ['[lp-may, lp-should]', 'SHOULD', 'standard'],
    ['[lp-should, lp-rule]', 'MUST', 'standard'],
    ['[lp-expected]', 'MUST', 'profile'],
    ['[lp-issue]', 'SHOULD', 'profile'],
    ['[lp-dialect]', 'MUST', 'profile'],
    ['[lp-dialect, lp-expected, lp-may]', 'MUST', 'standard'],
  ])('%s', async (proves, level, basis) => {
    const [one] = await casesIn(withSteps('poll: {}').replace('[lp-must]', proves))
    expect(one).toMatchObject({ level, basis })
  })

  test('unless the case gives a level', async () => {
    const [one] = await casesIn(`${withSteps('poll: {}')}    level: MAY\n`)
    expect(one?.level).toBe('MAY')
  })
})

describe('an invalid step', () => {
  test.each([
    ['helt: { request: a }', '9:9: unknown step "helt" (did you mean "held"?)'],
    ['given: { helt: {} }', '9:18: unknown step "helt" (did you mean "held"?)'],
    ['gven: { held: {} }', '9:9: unknown step "gven" (did you mean "given"?)'],
    ['given: { poll: {} }', '9:18: "given" needs an expectation, but "poll" is none: remove "given"'],
    ['given: { given: { held: {} } }', '9:18: unknown step "given"'],
    ['poll', '9:9: a step is one verb with its arguments, like "poll: {}", got "poll"'],
    [
      '{ poll: {}, held: {} }',
      '9:9: a step is one verb with its arguments, like "poll: {}", got "poll" and "held"',
    ],
    ['poll:', '9:14: "poll" must be a mapping, got nothing'],
    ['poll: { az: 5 }', '9:17: unknown key "az" (did you mean "as"?)'],
    ['poll: { times: 0 }', '9:24: "poll.times" must be at least 1, got 0'],
    ['held: {}', '9:9: "held" needs the key "request"'],
    [
      'send: { payload: ["a ${case.nonse}"] }',
      '9:27: unknown name "${case.nonse}" (did you mean "case.nonce"?)',
    ],
    ['send: { payload: "${x" }', '9:26: a "${" is not closed; write "$${" for a literal "${"'],
  ])('%s', async (step, problem) => {
    expect(await problemsIn(withSteps(step))).toEqual([problem])
  })

  test('uses a name before the step that captures it', async () => {
    const steps = ['send: { payload: "${seen}" }', 'capture: { as: seen }', 'send: { payload: "${seen}" }']
    expect(await problemsIn(withSteps(...steps))).toEqual(['9:26: unknown name "${seen}"'])
  })

  test('does not make its captured names unknown', async () => {
    const steps = ['capture: { az: seen }', 'send: { payload: "${seen}" }']
    expect(await problemsIn(withSteps(...steps))).toEqual(['9:20: unknown key "az" (did you mean "as"?)'])
  })

  test('in only one instance is reported once, at the step', async () => {
    const text = `${withSteps('poll: { times: "${times}" }')}    vary: { times: [1, 0, "x"], other: [1, 2] }\n`
    expect(await problemsIn(text)).toEqual([
      '9:24: "poll.times" must be at least 1, got 0',
      '9:24: "poll.times" must be a whole number at least 1, got "x"',
    ])
  })
})

describe('an invalid case', () => {
  test('with unknown or duplicate references', async () => {
    const text = `  - id: one
    title: T
    proves: [lp-mist, lp-may, lp-may]
    needs: [longpolling, publish, publish]
    steps: [poll: {}]
`
    expect(await problemsIn(text)).toEqual([
      '7:14: unknown requirement "lp-mist" (did you mean "lp-must"?)',
      '7:31: "lp-may" appears twice',
      '8:13: unknown need "longpolling" (did you mean "long-polling"?)',
      '8:35: "publish" appears twice',
    ])
  })

  test('with the id of another case', async () => {
    expect(await problemsIn(withSteps('poll: {}') + withSteps('poll: {}'))).toEqual([
      '10:9: the case "one" appears twice in this chapter',
    ])
  })

  test.each([
    ['vary: { write: whole }', '"vary.write" must be a list, got "whole"'],
    ['vary: []', '"vary" must not be empty'],
    ['vary: { a: [1, 1] }', 'two instances are called "a=1": give the rows a name'],
    ['vary: { a.b: [1] }', '"a.b" cannot name a parameter: use letters, digits, - and _'],
    ['also: ["${tims}"]', 'unknown name "${tims}"'],
    ['alone: "yes"', '"alone" must be true or false, got "yes"'],
    ['level: MUSTN', '"level" must be "MUST", "SHOULD" or "MAY", got "MUSTN" (did you mean "MUST"?)'],
    ['titel: x', 'unknown key "titel" (did you mean "title"?)'],
  ])('%s', async (line, text) => {
    const problems = await problemsIn(`${withSteps('poll: {}')}    ${line}\n`)
    expect(problems).toEqual([expect.stringMatching(/^10:\d+: /)])
    expect(problems[0]).toContain(text)
  })
})

test('all problems of a file are shown, in order', async () => {
  const text = `  - id: One
    proves: []
    needs: [publsh]
    steps:
      - helt: {}
      - poll: { as: 5 }
  - 5
`
  expect(await problemsIn(text)).toEqual([
    '5:5: the entry needs the key "title"',
    '5:9: "id" must be a name in small letters, digits and single hyphens, got "One"',
    '6:5: "proves" must not be empty',
    '7:13: unknown need "publsh" (did you mean "publish"?)',
    '9:9: unknown step "helt" (did you mean "held"?)',
    '10:21: "poll.as" must be text, got 5',
    '11:5: the entry must be a mapping with "id", "title", "proves" and "steps", got 5',
  ])
})

describe('folders', () => {
  test('are read in the order of the documentation, files by name, without other folders', async () => {
    const folder = await folderWith({
      'websocket/b.yaml': chapter('websocket'),
      'websocket/a.yaml': chapter('websocket'),
      'http/z.yaml': chapter('http'),
      'http/README.md': '#',
      'requirements/x.yaml': 'not: a chapter',
      'notes/readme.txt': '',
    })
    expect((await load(folder)).map(({ address }) => address)).toEqual([
      'http/z',
      'websocket/a',
      'websocket/b',
    ])
  })

  test('may be several, but each address has only one file', async () => {
    const first = await folderWith({ 'http/a.yaml': chapter('http') })
    const second = await folderWith({ 'http/b.yaml': chapter('http') })
    const third = await folderWith({ 'http/a.yaml': chapter('http') })
    expect((await load(first, second)).map(({ address }) => address)).toEqual(['http/a', 'http/b'])
    expect(await problemsOf(third, first)).toEqual([
      `http/a.yaml:1:1: the chapter "http/a" exists already: ${join(third, 'http/a.yaml')}`,
    ])
  })

  test('every file with problems is named', async () => {
    const folder = await folderWith({
      'http/a.yaml': chapter('polling'),
      'http/Big.yaml': '',
      'http/c.yml': '',
      'polling/a.yaml': 'a: "',
      'websockt/a.yaml': chapter('websocket'),
      'top.yaml': '',
    })
    expect(await problemsOf(folder)).toEqual([
      'http/Big.yaml:1:1: the name of a chapter file must be lower-case letters, digits and single hyphens, and end in .yaml',
      'http/a.yaml:2:11: "protocol" is "polling", but the file is in the folder "http"',
      'http/c.yml:1:1: the name of a chapter file must be lower-case letters, digits and single hyphens, and end in .yaml',
      expect.stringMatching(/^polling\/a\.yaml:1:\d+: /),
      'top.yaml:1:1: a chapter must be in one of these folders: http, polling, long-polling, server-sent-events, websocket, delivery',
      'websockt:1:1: unknown protocol folder "websockt" (did you mean "websocket"?)',
    ])
  })

  test('that are missing or contain no chapter', async () => {
    const empty = await folderWith({ 'http/README.md': '' })
    const missing = join(empty, 'none')
    await expect(load(missing)).rejects.toThrow('none:1:1: there is no such folder')
    await expect(load(empty)).rejects.toThrow('there is no chapter in this folder')
  })
})
