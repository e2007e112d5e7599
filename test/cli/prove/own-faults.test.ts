import { expect, test } from '@jest/globals'
import { join } from 'node:path'
import { folderWith } from '../../chapters/chapters.ts'
import { loadOwnFaults } from '../../../runner/cli/prove/own-faults.ts'
import { Console } from '../console.ts'

const fault = `{ id: 'says-nothing', about: 'It says nothing.', breaks: ['x'], touches: ['http'], connection: () => ({}) }`

test('the faults of all modules in faults/ are read, and other files are not', async () => {
  const folder = await folderWith({
    'faults/a.mjs': `export default [${fault}]`,
    'faults/b.mjs': `export default [${fault.replace('nothing', 'little')}]`,
    'faults/README.md': 'about these faults',
  })
  const ids = (await loadOwnFaults([folder], '/')).map(({ id }) => id)
  expect(ids).toEqual(['says-nothing', 'says-little'])
  await expect(loadOwnFaults([join(folder, 'faults')], '/')).resolves.toEqual([])
})

test.each([
  ['export default 1', /a\.mjs:1:1: the module must export a list of faults as default/],
  ['export default []', /must export a list of faults/],
  ['export const', /the module cannot be loaded: SyntaxError/],
  ['export default [1]', /fault 1: must be a mapping/],
  [
    `export default [${fault}, ${fault.replace("['http']", "['htp']")}]`,
    /fault 2: "touches\[0\]" must be .*http/,
  ],
  [`export default [${fault.replace('connection', 'conection')}]`, /"connection" must be a function/],
  [`export default [${fault.replace("id: 'says", "id: 'Says")}]`, /"id" must /],
])('%s is no list of faults', async (text, message) => {
  const folder = await folderWith({ 'faults/a.mjs': text })
  await expect(loadOwnFaults([folder], '/')).rejects.toThrow(message)
})

test.each([
  [['--broken', 'a.yaml'], '--broken needs --target: the server that works'],
  [
    ['--target', 'http://127.0.0.1:9/', '--broken', 'ws://a/', '--broken', 'ws://a/'],
    'two servers "ws://a/"',
  ],
])('%j is no pair of servers', async (argv, message) => {
  const console = new Console()
  expect(await console.run('prove', ...argv)).toBe(2)
  expect(console.stderr.text).toContain(message)
})
