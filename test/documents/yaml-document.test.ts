import { describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { YamlDocument } from '../../runner/documents/yaml-document.ts'
import { InputError } from '../../runner/documents/problems.ts'
import { folderWith } from '../chapters/chapters.ts'

function problems(text: string): string[] {
  try {
    YamlDocument.parse(text, 'a.yaml')
  } catch (error) {
    if (error instanceof InputError) return error.message.split('\n')
    throw error
  }
  throw new Error('an InputError was wanted')
}

const reading = (file: string): Promise<string> =>
  YamlDocument.read(file).then(
    () => 'no error',
    (error: unknown) => String(error),
  )

describe('plain data', () => {
  test('is parsed by the rules of YAML 1.2', () => {
    const { value } = YamlDocument.parse(
      'a: yes\nb: [1, 2.5, null, true]\nc: { d: "5" }\ne: 0o17\n',
      'a.yaml',
    )
    expect(value).toEqual({ a: 'yes', b: [1, 2.5, null, true], c: { d: '5' }, e: 15 })
  })

  test('may use anchors and aliases', () => {
    expect(YamlDocument.parse('a: &x [1]\nb: *x\n', 'a.yaml').value).toEqual({ a: [1], b: [1] })
  })

  test('an empty file has the value null', () => {
    const source = YamlDocument.parse('', 'a.yaml')
    expect(source.value).toBeNull()
    expect(source.place([])).toEqual({ file: 'a.yaml', line: 1, column: 1 })
  })
})

describe('places', () => {
  const source = YamlDocument.parse(
    'cases:\n  - id: one\n    steps:\n      - poll: { as: x }\nlast: &a { b: 1 }\nsame: *a\n',
    'a.yaml',
  )
  const at = (...path: (string | number)[]): string => {
    const { line, column } = source.place(path)
    return `${line}:${column}`
  }

  test('of a key, of an entry, and of a part in flow style', () => {
    expect([
      at('cases'),
      at('cases', 0),
      at('cases', 0, 'steps'),
      at('cases', 0, 'steps', 0, 'poll', 'as'),
    ]).toEqual(['1:1', '2:5', '3:5', '4:17'])
  })

  test('of a value', () => {
    expect(source.place(['cases', 0, 'id'], 'value')).toEqual({ file: 'a.yaml', line: 2, column: 9 })
  })

  test('of the target of an alias', () => {
    expect(at('same', 'b')).toBe('5:12')
  })

  test('of a missing part is the place of the deepest existing part', () => {
    expect(at('cases', 0, 'steps', 7, 'nothing')).toBe('3:5')
  })
})

describe('input that is not plain data', () => {
  test.each([
    ['a: 1\na: 2\n', 'a.yaml:2:1: the key "a" appears twice in this mapping'],
    ['a: 1\n---\nb: 2\n', 'a.yaml:2:1: a file must contain one document: remove the ---'],
    ['a:\n  5: x\n', 'a.yaml:2:3: a key must be text: put it in quotes'],
    ['[x]: 1\n', 'a.yaml:1:1: a key must be text: put it in quotes'],
    ['<<: { a: 1 }\n', 'a.yaml:1:1: merge keys are not supported: write the keys out'],
    ['__proto__: 1\n', 'a.yaml:1:1: the key "__proto__" is not allowed'],
    ['a: *b\n', 'a.yaml:1:4: there is no anchor "&b" before this alias'],
    ['a: &b [*b]\n', 'a.yaml:1:8: the alias "*b" contains itself'],
    ['a: .inf\n', 'a.yaml:1:4: infinity and not-a-number are not supported'],
    ['a: 9223372036854775808\n', 'a.yaml:1:4: this number is too large to be exact: put it in quotes'],
    ['%YAML 1.1\n---\na: 1\n', 'a.yaml:1:1: only YAML 1.2 is supported'],
  ])('%j', (text, problem) => {
    expect(problems(text)).toEqual([problem])
  })

  test('a tag', () => {
    expect(problems('a: !!binary aGk=\n')).toEqual([expect.stringMatching(/^a\.yaml:1:4: .*tag/i)])
  })

  test('every syntax error', () => {
    const found = problems('a: 1\n b: 2\n- c\n')
    expect(found.length).toBeGreaterThan(1)
    for (const line of found) expect(line).toMatch(/^a\.yaml:\d+:\d+: ./)
  })

  test('several findings at once', () => {
    expect(problems('a: 1\na: 2\n5: x\n')).toHaveLength(2)
  })
})

describe('a file beyond the limits', () => {
  test('aliases that expand exponentially', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    )
    expect(problems(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual([
      expect.stringContaining('aliases of this file expand'),
    ])
  })

  test('very many aliases', () => {
    expect(problems(`a: &a x\nb: [${'*a, '.repeat(1001)}]\n`)).toEqual([
      expect.stringContaining('aliases of this file expand'),
    ])
  })

  test.each(['[', '- ', '{ a: ', '? '])('nesting with %j', (opening) => {
    expect(problems(opening.repeat(20_000))).toEqual([
      expect.stringContaining('nested more than 64 levels deep'),
    ])
  })

  test('nesting of many lines', () => {
    const text = Array.from({ length: 70 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')
    expect(problems(text)).toEqual([expect.stringMatching(/^a\.yaml:6\d:.*nested more than 64/)])
  })

  test('more than 4 MiB', () => {
    expect(problems(`a: "${'x'.repeat(4 * 1024 * 1024)}"`)).toEqual([
      'a.yaml:1:1: the file has more than 4 MiB',
    ])
  })

  test('a mapping with very many keys is read in time', () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}\n`).join('')
    expect(Object.keys(Object(YamlDocument.parse(text, 'a.yaml').value))).toHaveLength(20_000)
  })
})

describe('files', () => {
  test('that are missing, folders, or not UTF-8', async () => {
    const folder = await folderWith({
      'latin.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xe9]),
      'good.yaml': 'a: é\n',
    })
    expect(await reading(join(folder, 'none.yaml'))).toMatch(/none\.yaml:1:1: there is no such file/)
    expect(await reading(folder)).toMatch(/:1:1: this is a folder, but a file is needed/)
    expect(await reading(join(folder, 'latin.yaml'))).toMatch(/latin\.yaml:1:1: the file is not UTF-8/)
    expect((await YamlDocument.read(join(folder, 'good.yaml'))).value).toEqual({ a: 'é' })
  })

  test('are shown relative to the working directory when they are inside it', () => {
    expect(YamlDocument.parse('', join(process.cwd(), 'specs', 'a.yaml')).file).toBe(join('specs', 'a.yaml'))
    expect(YamlDocument.parse('', '/elsewhere/a.yaml').file).toBe('/elsewhere/a.yaml')
  })
})
