import { describe, expect, test } from '@jest/globals'
import { loadRegister } from '../../../runner/chapters/register/register.ts'
import { requirementsFolder } from '../../../runner/package/paths.ts'
import { folderWith } from '../chapters.ts'
import { sectionLink } from '../../../runner/chapters/register/section-link.ts'

const row = (id: string, more = ''): string =>
  `  - { id: ${id}, protocol: http, section: "1", level: MUST, text: T, testable: "yes", sketch: S${more} }\n`

describe('the register of the kit', () => {
  const register = loadRegister(requirementsFolder)

  test('has lost no requirement', async () => {
    expect((await register).all.length).toBeGreaterThanOrEqual(838)
  })

  test('links every rule of an RFC to its section', async () => {
    const rfcs = (await register).all.filter(({ source }) => source.startsWith('RFC'))
    expect(rfcs.length).toBeGreaterThan(400)
    for (const { url } of rfcs)
      expect(url).toMatch(/^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+#section-\d+(\.\d+)*$/)
  })

  test('links every requirement of a published standard', async () => {
    const unread = (await register).all.filter(({ url, source }) => url === '' && source !== 'Practice')
    expect(unread).toEqual([])
  })

  test('knows which rules belong to one product', async () => {
    const dialects = new Set((await register).all.map(({ dialect }) => dialect))
    expect([...dialects].filter((dialect) => dialect !== undefined).toSorted()).toEqual([
      'bayeux',
      'consul',
      'dropbox',
      'durable-streams',
      'engine.io',
      'k8s-watch',
      'mercure',
      'nchan',
      'telegram',
    ])
  })

  test('finds a requirement by its id', async () => {
    expect((await register).get('pmd-preference')).toMatchObject({
      source: 'RFC 7692',
      protocol: 'permessage-deflate',
    })
    expect((await register).get('none')).toBeUndefined()
  })
})

describe('a link', () => {
  const template = 'https://a.example/rfc#section-{section}'
  const links = {
    '9.2.1': 'https://a.example/one',
    '9.2.10': 'https://a.example/ten',
    nchan: 'https://a.example/nchan',
  }

  test.each([
    ['4.2.2(5.1)', 'https://a.example/rfc#section-4.2.2'],
    ['5.5, 10.7', 'https://a.example/rfc#section-5.5'],
    ['RFC 9110 8.4', 'https://www.rfc-editor.org/rfc/rfc9110#section-8.4'],
    ['9.2.10', 'https://a.example/ten'],
    ['9.2.1, 9.2.10', 'https://a.example/one'],
    ['test of nchan', 'https://a.example/nchan'],
    ['owner/project#61', 'https://github.com/owner/project/issues/61'],
    ['Introduction', 'https://a.example/rfc'],
  ])('to %s', (section, url) => {
    expect(sectionLink(section, template, links)).toBe(url)
  })

  test('is empty without a link', () => {
    expect(sectionLink('all', '', {})).toBe('')
  })
})

test('problems in the files are reported with their places', async () => {
  const head = 'standard: X\nabout: A\nrequirements:\n'
  const folder = await folderWith({
    'a.yaml': head + row('one') + row('one') + row('Two', ', reson: x'),
    'b.yaml': head + row('one').replace('MUST', 'MSUT').replace('"yes"', '"no"'),
  })
  const error = await loadRegister(folder).then(
    () => 'no error',
    (reason: unknown) => String(reason),
  )
  const lines = error.replaceAll(`${folder}/`, '').split('\n')
  expect(lines).toEqual([
    'InputError: a.yaml:5:11: the requirement "one" exists already at a.yaml:4:11',
    expect.stringMatching(/^a\.yaml:6:11: "requirements\[2\]\.id" must be a name in small letters/),
    expect.stringMatching(/^a\.yaml:6:\d+: unknown key "reson" \(did you mean "reason"\?\)/),
    expect.stringMatching(/^b\.yaml:4:11: the requirement "one" exists already at a\.yaml:4:11/),
    expect.stringMatching(
      /^b\.yaml:4:\d+: "requirements\[0\]\.level" must be .*got "MSUT" \(did you mean "MUST"\?\)/,
    ),
    expect.stringMatching(/^b\.yaml:4:\d+: "requirements\[0\]\.testable" must be .*got "no"/),
  ])
})
