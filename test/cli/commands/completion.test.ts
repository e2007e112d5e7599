import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from '@jest/globals'

import { packageRoot } from '../../../runner/package/paths.ts'
import { shells } from '../../../runner/cli/completion/shells.ts'
import { Console } from '../console.ts'
import { OwnChapters } from '../own-chapters.ts'

const own = new OwnChapters()
afterAll(() => own.remove())

/** The completions of the words after `pushspec`. */
async function candidates(...words: string[]): Promise<string[]> {
  const console = new Console({ cwd: own.folder })
  expect([await console.run('complete', '--', ...words), console.stderr.text]).toEqual([0, ''])
  return console.stdout.text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/\t.*/, ''))
}

describe('a word is completed', () => {
  test.each([
    ['commands', ['ma'], ['matrix']],
    ['commands after help', ['help', 'dif'], ['diff']],
    ['options of a command', ['prove', '--dem'], ['--demands']],
    ['options of run where it is left out', ['--update'], ['--update-baseline']],
    ['protocols', ['run', '--only', 'web'], ['websocket/']],
    ['chapters', ['list', '--skip', 'websocket/clos'], ['websocket/close-codes/', 'websocket/closing/']],
    ['cases', ['explain', 'websocket/closing/tcp-'], ['websocket/closing/tcp-ends-cleanly']],
    ['the last of several addresses', ['--only', 'http,serv'], ['http,server-sent-events/']],
    ['an address after =', ['--only=serv'], ['--only=server-sent-events/']],
    ['an address after = as a word of its own', ['--only', '=', 'serv'], ['server-sent-events/']],
    ['cases of your own', ['--specs', 'chapters', '--only', 'http/own/is'], ['http/own/is-a-teapot']],
    ['chapters of your own', ['--specs=chapters', '--only', 'http/ow'], ['http/own/']],
    ['faults', ['serve', '--break', 'hangs-on-a-pl'], ['hangs-on-a-plain-get']],
    ['faults of prove', ['prove', '--fault', 'hangs-on-a-pl'], ['hangs-on-a-plain-get']],
    ['reporters', ['--reporter', 'js'], ['json']],
    ['fixed choices', ['serve', '--timeout-status', '20'], ['204', '200']],
    ['shells', ['completion', 'z'], ['zsh']],
    ['no files, which the shell completes', ['run', '--baseline', ''], []],
    ['no target, which may be any file', ['run', ''], []],
    ['nothing that is not there', ['--only', 'websocket/closing/none'], []],
  ])('with %s: %j', async (_, words, expected) => {
    expect(await candidates(...words)).toEqual(expected)
  })

  test('with every command except the hidden one', async () => {
    const commands = await candidates('')
    expect(commands).toEqual(expect.arrayContaining(['run', 'list', 'completion', 'help']))
    expect(commands).not.toContain('complete')
  })
})

const shell = (name: string, ...argv: string[]) => spawnSync(name, argv, { encoding: 'utf8' })
const isThere = (name: string): boolean => shell(name, '--version').error === undefined
const testWith = (name: string) => (isThere(name) ? test : test.skip)

/** Completes lines like bash does at Tab, and prints what it would show. */
const tabs = `
pushspec() { "$NODE" "$BIN" "$@"; }
source <(pushspec completion bash)
complete -p pushspec
for line in 'pushspec mat' 'pushspec --only = websocket/clos' 'pushspec run --only =' 'pushspec run none'; do
  read -ra COMP_WORDS <<<"$line"
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  _pushspec pushspec
  echo "$line: \${COMPREPLY[*]}"
done
`

test('bash completes with the script', () => {
  const env = { ...process.env, NODE: process.execPath, BIN: join(packageRoot, 'bin/pushspec.js') }
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', tabs], { encoding: 'utf8', env })
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    'complete -o default -F _pushspec pushspec',
    'pushspec mat: matrix',
    'pushspec --only = websocket/clos: websocket/close-codes/ websocket/closing/',
    'pushspec run --only =: http/ polling/ long-polling/ server-sent-events/ websocket/ delivery/',
    'pushspec run none: ',
    '',
  ])
})

describe.each(['bash', 'zsh', 'fish'] as const)('the script for %s', (name) => {
  testWith(name)('is understood', () => {
    const file = join(own.folder, `completion.${name}`)
    writeFileSync(file, shells[name])
    expect(shell(name, '-n', file)).toMatchObject({ status: 0, stderr: '' })
  })

  test('is printed', async () => {
    const console = new Console()
    expect(await console.run('completion', name)).toBe(0)
    expect(console.stdout.text).toBe(shells[name])
  })
})

test('another shell is refused with the list of shells', async () => {
  const console = new Console()
  expect(await console.run('completion', 'csh')).toBe(2)
  expect(console.stderr.text).toMatch(/bash, zsh, fish/)
})
