/** Where something stands in a file: line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One thing that is wrong in an input file. */
export interface Problem {
  readonly place: Place
  readonly text: string
}

/** A place as editors and terminals understand it: `file:line:column`. */
export const formatPlace = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** A file that people write (chapter, register, target description) cannot be used; all its problems at once. */
export class InputError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const ordered = inOrder(problems)
    super(ordered.map(({ place, text }) => `${formatPlace(place)}: ${text}`).join('\n'))
    this.name = 'InputError'
    this.problems = ordered
  }
}

/** Collects problems, so that a reader can go on after the first one. */
export class Problems {
  readonly #all: Problem[] = []

  get count(): number {
    return this.#all.length
  }

  add(place: Place, text: string): void {
    this.#all.push({ place, text })
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.#all.push(problem)
  }

  /** Runs `read`, keeps the problems of an InputError and gives undefined for it; other errors pass. */
  async collect<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      this.addAll(error.problems)
      return undefined
    }
  }

  /** @throws InputError if anything was added. */
  throwIfAny(): void {
    if (this.#all.length > 0) throw new InputError(this.#all)
  }
}

/** By file, line and column; what several instances of a case have in common is said once. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map(problems.map((problem) => [`${formatPlace(problem.place)}: ${problem.text}`, problem]))
  return [...once.values()].toSorted(
    ({ place: a }, { place: b }) => compare(a.file, b.file) || a.line - b.line || a.column - b.column,
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
