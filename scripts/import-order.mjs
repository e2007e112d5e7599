import { dirname, join, relative } from 'node:path'

const kit = (...names) => names.map((name) => `runner/${name}`)

const belowTheCommandLine = [
  ...kit('text', 'package', 'documents', 'wire', 'chapters', 'targets', 'steps', 'run', 'report'),
  ...kit('prove', 'reach', 'library'),
]

/** Each room, with the rooms, folders or files outside of it that its files may import. A folder of runner/ that is not here may import nothing. */
const rooms = {
  'reference-server': [],
  'runner/text': [],
  'runner/package': [],
  'runner/documents': [],
  'runner/wire': [],
  'runner/chapters': kit('documents'),
  'runner/targets': kit('text', 'documents', 'wire'),
  'runner/steps': kit('text', 'documents', 'wire', 'chapters', 'targets'),
  'runner/run': kit('text', 'documents', 'wire', 'chapters', 'targets', 'steps'),
  'runner/report': kit('text', 'documents', 'wire', 'chapters', 'steps', 'run'),
  // A variant knows the wire, the form of a target description and the options of the reference server.
  'fixtures/proxy': [...kit('wire', 'targets/description'), 'reference-server/updates/options.ts'],
  'fixtures/faults': [...kit('wire'), 'fixtures/proxy'],
  'fixtures/freedoms': [...kit('wire', 'targets/description'), 'fixtures/proxy'],
  'runner/prove': [
    ...kit('text', 'documents', 'wire', 'chapters', 'targets', 'steps', 'run'),
    'fixtures/proxy',
    'reference-server',
  ],
  'runner/reach': [...kit('text', 'package', 'documents', 'wire', 'targets'), 'reference-server'],
  'runner/library': [
    ...kit('text', 'package', 'documents', 'wire', 'chapters', 'targets', 'steps', 'run', 'report'),
    ...kit('prove', 'reach'),
    'reference-server',
  ],
  // The library stands below the command line.
  'runner/index.ts': belowTheCommandLine,
  'runner/jest.ts': [...belowTheCommandLine, 'runner/index.ts'],
  'runner/cli': ['runner', 'reference-server', 'fixtures'],
}

/**
 * The folders of a room, lowest first: each may import those before it, but not those in the same list. `.` stands for the
 * files that are directly in the room.
 */
const folders = {
  'reference-server': [['http'], ['updates'], ['websocket'], ['.']],
  'runner/wire': [['bytes'], ['.'], ['http1'], ['event-stream', 'websocket']],
  'runner/chapters': [['register'], ['.']],
  'runner/targets': [['errors'], ['description'], ['.'], ['process'], ['hooks'], ['survey']],
  'runner/steps': [
    ['stage'],
    ['language'],
    ['http', 'polling', 'event-stream', 'websocket'],
    ['delivery/receivers'],
    ['delivery'],
    ['.'],
  ],
  'runner/run': [['schedule', 'selection'], ['.']],
  'runner/report': [['.'], ['parts'], ['reproduce'], ['reporters/html'], ['reporters'], ['matrix']],
  'runner/prove': [['play'], ['.']],
  'runner/cli': [['.'], ['completion', 'init', 'play', 'watch'], ['prove'], ['commands']],
  'fixtures/freedoms': [['http', 'permissions'], ['.']],
  'fixtures/faults': [
    ['http', 'polling', 'long-polling', 'server-sent-events', 'websocket', 'delivery'],
    ['compression'],
    ['.'],
  ],
}

const isWithin = (file, place) => file === place || file.startsWith(`${place}/`)
const roomOf = (file) =>
  Object.keys(rooms).find((room) => isWithin(file, room)) ?? /^runner\/[^/]+(?=\/)/.exec(file)?.[0]

/** Whether one file may import another; both paths start at the root of the repository. */
function mayImport(importer, imported) {
  const room = roomOf(importer)
  if (room === undefined) return true
  if (!isWithin(imported, room)) return (rooms[room] ?? []).some((place) => isWithin(imported, place))
  const [from, to] = [importer, imported].map((file) => relative(room, dirname(file)) || '.')
  if (from === to) return true
  const rank = (folder) => (folders[room] ?? []).findIndex((beside) => beside.includes(folder))
  return rank(to) >= 0 && rank(to) < rank(from)
}

const imports = {
  meta: { docs: { description: 'Imports run one way: see docs/architecture.md.' } },
  create(context) {
    const check = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return
      const importer = relative(context.cwd, context.filename)
      const imported = join(dirname(importer), source.value)
      if (mayImport(importer, imported)) return
      const message = `${dirname(importer)} must not import ${imported}: see docs/architecture.md.`
      context.report({ node: source, message })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}

/** A plugin for oxlint: `pushspec/import-order`. */
export default { meta: { name: 'pushspec' }, rules: { 'import-order': imports } }
