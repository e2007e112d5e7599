/** A position in a file. Line and column count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One mistake in an input file. */
export interface Problem {
  readonly place: Place
  readonly text: string
}

/** `file:line:column`, which editors and terminals turn into links. */
export const formatPlace = ({ file, line, column }: Place): string => `${file}:${line}:${column}`

/** All mistakes in files that people write (chapters, registers, target descriptions). */
export class InputError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const ordered = inOrder(problems)
    super(ordered.map(({ place, text }) => `${formatPlace(place)}: ${text}`).join('\n'))
    this.name = 'InputError'
    this.problems = ordered
  }
}

/** Collects problems, so that reading continues after the first one. */
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

  /** Runs `read`. Collects the problems of an InputError and then returns undefined; rethrows other errors. */
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

/** Sorts by file, line and column, and removes duplicates, such as one problem in several instances of a case. */
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
