import { schemaProblems } from '../../documents/schema-check.ts'
import { folderEntries, isYamlFile } from '../../documents/folder-entries.ts'
import { isMapping, isText, listOrEmpty, textOrEmpty } from '../../documents/type-guards.ts'
import { type Place, Problems, formatPlace } from '../../documents/problems.ts'
import { type RegisterEntry, RequirementFile } from './requirement.ts'
import { sectionLink } from './section-link.ts'
import { YamlDocument } from '../../documents/yaml-document.ts'

/** Every requirement of every standard, by id. */
export class Register {
  readonly all: readonly RegisterEntry[]
  readonly #byId: ReadonlyMap<string, RegisterEntry>

  constructor(all: readonly RegisterEntry[]) {
    this.all = all
    this.#byId = new Map(all.map((entry) => [entry.id, entry]))
  }

  get(id: string): RegisterEntry | undefined {
    return this.#byId.get(id)
  }

  get ids(): Iterable<string> {
    return this.#byId.keys()
  }
}

/**
 * Reads the register: each file in these folders is one standard.
 * @throws InputError with the problems of all files, also for duplicate ids
 */
export async function loadRegister(...folders: readonly string[]): Promise<Register> {
  const problems = new Problems()
  const places = new Map<string, Place>()
  const entries: RegisterEntry[] = []
  const files = (await Promise.all(folders.map(folderEntries))).flat()
  for (const file of files.filter(isYamlFile)) {
    const document = await problems.collect(() => YamlDocument.read(file.path))
    if (document === undefined) continue
    problems.addAll(schemaProblems(RequirementFile, document))
    noteDuplicateIds(document, places, problems)
    entries.push(...entriesIn(document))
  }
  problems.throwIfAny()
  return new Register(entries)
}

const rowsIn = (document: YamlDocument): readonly unknown[] =>
  listOrEmpty(isMapping(document.value) ? document.value['requirements'] : undefined)

function noteDuplicateIds(document: YamlDocument, places: Map<string, Place>, problems: Problems): void {
  for (const [index, row] of rowsIn(document).entries()) {
    const id = isMapping(row) ? row['id'] : undefined
    if (!isText(id)) continue
    const place = document.place(['requirements', index, 'id'], 'value')
    const first = places.get(id)
    if (first !== undefined)
      problems.add(place, `the requirement "${id}" exists already at ${formatPlace(first)}`)
    places.set(id, first ?? place)
  }
}

function entriesIn(document: YamlDocument): RegisterEntry[] {
  const file = isMapping(document.value) ? document.value : {}
  return rowsIn(document)
    .filter(isMapping)
    .map((row) => ({
      id: textOrEmpty(row['id']),
      protocol: textOrEmpty(row['protocol']),
      source: textOrEmpty(row['source'] ?? file['standard']),
      section: textOrEmpty(row['section']),
      level: textOrEmpty(row['level']),
      text: textOrEmpty(row['text']),
      url: sectionLink(
        textOrEmpty(row['section']),
        textOrEmpty(file['url']),
        isMapping(file['links']) ? file['links'] : {},
      ),
      testable: textOrEmpty(row['testable']),
      sketch: textOrEmpty(row['sketch']),
      reason: isText(row['reason']) ? row['reason'] : undefined,
      dialect: isText(file['dialect']) ? file['dialect'] : undefined,
    }))
}
