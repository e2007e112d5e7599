import {
  type Basis,
  type Case,
  type Chapter,
  type ChapterHead,
  type Level,
  type VerbShape,
  protocolFolder,
} from './chapter.ts'
import { CaseSchema, ChapterSchema } from './chapter-schema.ts'
import { schemaProblems } from '../documents/schema-check.ts'
import { didYouMean } from '../documents/did-you-mean.ts'
import { isMapping, isText, listOrEmpty, type Mapping, textOrEmpty } from '../documents/type-guards.ts'
import type { Problems } from '../documents/problems.ts'
import { StepReader } from './read-steps.ts'
import type { Register } from './register/register.ts'
import { type RegisterEntry, levels, profileLevels } from './register/requirement.ts'
import type { DocumentPath, YamlDocument } from '../documents/yaml-document.ts'
import { type Lookup, substitute } from '../documents/substitute.ts'
import { type Variant, expandVary } from './vary.ts'

/** The names that chapters may refer to. */
export interface Vocabulary {
  readonly verbs: readonly VerbShape[]
  readonly needs: readonly string[]
  readonly register: Register
}

/** Reads a chapter and adds its problems to `problems`. The result is valid only without any. */
export function readChapter(
  document: YamlDocument,
  folder: string,
  address: string,
  vocabulary: Vocabulary,
  problems: Problems,
): Chapter {
  problems.addAll(schemaProblems(ChapterSchema, document))
  const file = isMapping(document.value) ? document.value : {}
  const head: ChapterHead = {
    title: textOrEmpty(file['chapter']),
    protocol: folder,
    file: document.file,
    about: textOrEmpty(file['about']),
    address,
  }
  noteFolderMismatch(textOrEmpty(file['protocol']), folder, document, problems)
  const reader = new CaseReader(document, head, vocabulary, problems)
  return {
    ...head,
    cases: listOrEmpty(file['cases']).map((entry, index) => reader.read(entry, ['cases', index])),
  }
}

function noteFolderMismatch(
  protocol: string,
  folder: string,
  document: YamlDocument,
  problems: Problems,
): void {
  if (protocol === '' || protocolFolder(protocol) === folder) return
  const text = `"protocol" is "${protocol}", but the file is in the folder "${folder}"`
  problems.addAll([document.problem(['protocol'], text, 'value')])
}

function sharedNeeds(instances: Case['instances']): Pick<Case, 'needs' | 'needsOfSome'> {
  const all = [...new Set(instances.flatMap(({ needs }) => needs))]
  const isShared = (need: string): boolean => instances.every(({ needs }) => needs.includes(need))
  return { needs: all.filter(isShared), needsOfSome: all.filter((need) => !isShared(need)) }
}

/** Reads the cases of one chapter. */
class CaseReader {
  readonly #document: YamlDocument
  readonly #head: ChapterHead
  readonly #vocabulary: Vocabulary
  readonly #problems: Problems
  readonly #steps: StepReader
  readonly #ids = new Set<string>()

  constructor(document: YamlDocument, head: ChapterHead, vocabulary: Vocabulary, problems: Problems) {
    this.#document = document
    this.#head = head
    this.#vocabulary = vocabulary
    this.#problems = problems
    this.#steps = new StepReader(vocabulary.verbs, document, problems)
  }

  read(value: unknown, path: DocumentPath): Case {
    this.#problems.addAll(schemaProblems(CaseSchema, this.#document, value, path))
    const entry = isMapping(value) ? value : {}
    const instances = this.#instances(entry, path)
    const proved = new Set(instances.flatMap((instance) => instance.proves.map(({ id }) => id)))
    const proves = [...proved].flatMap((id) => this.#vocabulary.register.get(id) ?? [])
    return {
      id: `${this.#head.address}/${this.#id(entry['id'], [...path, 'id'])}`,
      chapter: this.#head,
      protocol: this.#head.protocol,
      title: textOrEmpty(entry['title']),
      about: textOrEmpty(entry['about']),
      proves,
      level: isLevel(entry['level']) ? entry['level'] : levelOf(proves),
      basis: basisOf(proves),
      ...sharedNeeds(instances),
      alone: entry['alone'] === true,
      full: entry['full'] === true,
      place: this.#document.place(path),
      instances,
    }
  }

  #id(id: unknown, path: DocumentPath): string {
    if (!isText(id)) return ''
    if (this.#ids.has(id)) this.#note(path, `the case "${id}" appears twice in this chapter`)
    this.#ids.add(id)
    return id
  }

  #proves(proves: unknown, path: DocumentPath, variant: Variant): RegisterEntry[] {
    const { register } = this.#vocabulary
    return this.#names(proves, path, variant).flatMap(({ name, at }) => {
      const found = register.get(name)
      if (found === undefined)
        this.#note(at, `unknown requirement "${name}"${didYouMean(name, register.ids)}`)
      return found ?? []
    })
  }

  #needs(needs: unknown, path: DocumentPath, variant: Variant): string[] {
    const known = this.#vocabulary.needs
    return this.#names(needs, path, variant).map(({ name, at }) => {
      if (!known.includes(name)) this.#note(at, `unknown need "${name}"${didYouMean(name, known)}`)
      return name
    })
  }

  /** Substitutes the parameters of a variant in names. A single placeholder may stand for a list of names. */
  #names(values: unknown, path: DocumentPath, { params }: Variant): { name: string; at: DocumentPath }[] {
    const scope: Lookup = (name) => (Object.hasOwn(params, name) ? params[name] : undefined)
    const seen = new Map<string, DocumentPath>()
    for (const [index, written] of listOrEmpty(values).entries()) {
      for (const name of [substitute(written, scope, { partial: true })].flat()) {
        if (!isText(name)) continue
        if (seen.has(name)) this.#note([...path, index], `"${name}" appears twice`)
        else seen.set(name, [...path, index])
      }
    }
    return Array.from(seen, ([name, at]) => ({ name, at }))
  }

  #instances(entry: Mapping, path: DocumentPath): Case['instances'] {
    const { variants, problems } = expandVary(entry['vary'])
    for (const found of problems) this.#note([...path, 'vary', ...found.path], found.text)
    const steps = this.#steps.written(entry['steps'], [...path, 'steps'])
    return variants.map((variant) => ({
      ...this.#steps.instance(steps, variant, entry['also'], [...path, 'also']),
      proves: this.#proves(entry['proves'], [...path, 'proves'], variant),
      needs: this.#needs(entry['needs'], [...path, 'needs'], variant),
    }))
  }

  #note(path: DocumentPath, text: string): void {
    this.#problems.addAll([this.#document.problem(path, text, 'value')])
  }
}

const isLevel = (value: unknown): value is Level => isText(value) && Object.hasOwn(levels, value)

/** The strictest level, because a case fails if the target breaks any of its rules. */
function levelOf(proves: readonly RegisterEntry[]): Level {
  const has = (names: readonly string[]): boolean => proves.some(({ level }) => names.includes(level))
  if (has(levels.MUST)) return 'MUST'
  return has(levels.SHOULD) ? 'SHOULD' : 'MAY'
}

/** Descriptive rules, expectations and rules of one product bind only targets that declare them. */
function basisOf(proves: readonly RegisterEntry[]): Basis {
  const binding = proves.filter(
    ({ level, dialect }) => !profileLevels.includes(level) && dialect === undefined,
  )
  return binding.length > 0 ? 'standard' : 'profile'
}
