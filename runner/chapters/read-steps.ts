import type { Instance, Step, VerbShape } from './chapter.ts'
import { schemaProblems } from '../documents/schema-check.ts'
import { didYouMean } from '../documents/did-you-mean.ts'
import { isMapping, isText, listOrEmpty } from '../documents/type-guards.ts'
import type { Problems } from '../documents/problems.ts'
import type { DocumentPath, YamlDocument } from '../documents/yaml-document.ts'
import {
  type Lookup,
  hasUnclosedPlaceholder,
  placeholderNames,
  substitute,
  textsIn,
} from '../documents/substitute.ts'
import type { Variant } from './vary.ts'
import { describeValue } from '../documents/schema-wording.ts'

/** A step before its parameters are substituted. */
export interface WrittenStep {
  readonly verb: VerbShape
  readonly args: unknown
  readonly given: boolean
  /** The path of its verb. */
  readonly path: DocumentPath
  readonly index: number
}

/** The parts of an instance that this file reads. */
type InstanceSteps = Omit<Instance, 'proves' | 'needs'>

/** Names that are defined for every instance while it runs. */
const runtimeNames = [
  'case.nonce',
  'case.channel',
  'target.subprotocol',
  'target.subprotocol-in-capitals',
  'target.max-message',
  'target.streams',
]

export class StepReader {
  readonly #verbs: ReadonlyMap<string, VerbShape>
  readonly #document: YamlDocument
  readonly #problems: Problems

  constructor(verbs: readonly VerbShape[], document: YamlDocument, problems: Problems) {
    this.#verbs = new Map(verbs.map((verb) => [verb.name, verb]))
    this.#document = document
    this.#problems = problems
  }

  /** The valid steps of a case. Mistakes become problems. */
  written(steps: unknown, path: DocumentPath): WrittenStep[] {
    return listOrEmpty(steps)
      .map((step, index) => this.#readStep(step, [...path, index], index, false))
      .filter((step) => step !== undefined)
  }

  /** Substitutes the parameters of one variant, and checks names and arguments. */
  instance(
    steps: readonly WrittenStep[],
    variant: Variant,
    also: unknown,
    alsoPath: DocumentPath,
  ): InstanceSteps {
    const { name, params } = variant
    const scope: Lookup = (wanted) => (Object.hasOwn(params, wanted) ? params[wanted] : undefined)
    const filled = steps.map((step) => ({ ...step, args: substitute(step.args, scope, { partial: true }) }))
    this.#checkAll(filled, Object.keys(params))
    return {
      name,
      params: { ...params },
      also: [
        ...this.#also(substitute(also, scope, { partial: true }), alsoPath, Object.keys(params)),
        ...variant.also,
      ],
      steps: filled.map((step) => this.#step(step)),
    }
  }

  #readStep(step: unknown, path: DocumentPath, index: number, given: boolean): WrittenStep | undefined {
    const [name, ...more] = isMapping(step) ? Object.keys(step) : []
    if (!isMapping(step) || name === undefined || more.length > 0) {
      const there =
        more.length > 0
          ? [name, ...more].map((key) => JSON.stringify(key)).join(' and ')
          : describeValue(step)
      this.#note(path, `a step is one verb with its arguments, like "${this.#example()}: {}", got ${there}`)
      return undefined
    }
    if (name === 'given' && !given) return this.#readStep(step[name], [...path, name], index, true)
    return this.#readVerb(name, step[name], [...path, name], index, given)
  }

  #readVerb(
    name: string,
    args: unknown,
    path: DocumentPath,
    index: number,
    given: boolean,
  ): WrittenStep | undefined {
    const verb = this.#verbs.get(name)
    if (verb === undefined) {
      const known = given ? this.#verbs.keys() : [...this.#verbs.keys(), 'given']
      this.#note(path, `unknown step "${name}"${didYouMean(name, known)}`)
      return undefined
    }
    if (given && !verb.expects) {
      this.#note(path, `"given" needs an expectation, but "${name}" is none: remove "given"`)
      return undefined
    }
    return { verb, args, given, path, index }
  }

  #checkAll(steps: readonly WrittenStep[], params: readonly string[]): void {
    const known = new Set([...params, ...runtimeNames])
    // After a wrong capturing step, the defined names are not known.
    let areNamesKnown = true
    for (const { verb, args, path } of steps) {
      const found = schemaProblems(verb.schema, this.#document, args, path, { placeholders: true })
      this.#problems.addAll(found)
      if (areNamesKnown) this.#checkNames(args, path, known)
      if (found.length > 0) areNamesKnown &&= verb.captures === undefined
      else for (const name of verb.captures?.(args) ?? []) known.add(name)
    }
  }

  #checkNames(value: unknown, at: DocumentPath, known: ReadonlySet<string>): void {
    for (const { text, path } of textsIn(value, at)) {
      if (hasUnclosedPlaceholder(text))
        this.#note(path, 'a "${" is not closed; write "$${" for a literal "${"', 'value')
      for (const name of placeholderNames(text)) {
        if (known.has(name) || /^env\.\w+$/.test(name)) continue
        this.#note(path, `unknown name "\${${name}}"${didYouMean(name, known)}`, 'value')
      }
    }
  }

  #also(also: unknown, path: DocumentPath, params: readonly string[]): string[] {
    this.#checkNames(also, path, new Set([...params, ...runtimeNames]))
    return listOrEmpty(also).filter(isText)
  }

  #step({ verb, args, given, path, index }: WrittenStep): Step {
    return { verb: verb.name, args, given, place: this.#document.place(path), index }
  }

  #note(path: DocumentPath, text: string, of: 'key' | 'value' = 'key'): void {
    this.#problems.addAll([this.#document.problem(path, text, of)])
  }

  #example(): string {
    return this.#verbs.keys().next().value ?? 'verb'
  }
}
