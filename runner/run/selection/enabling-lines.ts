import { parse } from 'yaml'
import type { Case, Instance } from '../../chapters/chapter.ts'
import { isMapping } from '../../documents/type-guards.ts'
import { isDeclared, lineFor } from '../../targets/description/needs.ts'
import type { TargetDescription } from '../../targets/description/schema.ts'
import type { Target } from '../../targets/target.ts'
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'

/** A line of the target description, and the instances that it would enable. */
export interface EnablingLine {
  readonly line: string
  /** How many instances this line enables by itself. */
  readonly opens: number
  /** How many more instances need this line and others. */
  readonly helps: number
}

/** How many instances can be judged, and the lines that would enable more. */
export interface EnablingLines {
  /** How many instances were selected. */
  readonly selected: number
  /** How many of them concern the target: cases of other endpoints, of TLS, or of properties that it denies are not counted. */
  readonly concerned: number
  /** The few lines that enable most of them, the best first. */
  readonly best: EnablingLine[]
  /** How many instances these lines enable together. */
  readonly together: number
  /** All lines that enable instances, those about other endpoints too; the best first. */
  readonly all: EnablingLine[]
}

/** The largest number of recommended lines; each must enable at least a certain share of the cases that the first enables. */
const mostRecommended = 3
const leastShare = 0.1
/** Prefer a shorter line that enables at least this share of what a longer one enables. */
const similarShare = 0.8

/** Compression is negotiated, so declaring it in the description cannot enable more cases. */
const isNegotiated = (need: string): boolean => need.startsWith('websocket.deflate')

/** The part of the server that a need is about: `delivery.sse` is about the event stream. */
const partOf = (need: string): string => need.replace(/^(delivery|resume)\./, '').split('.')[0] ?? ''
const parts = ['http', 'polling', 'long-polling', 'sse', 'websocket', 'tls']

/** The target as if its description had more lines. */
class ExtendedTarget {
  readonly description: TargetDescription
  readonly #target: Target
  readonly #known = new Map<string, boolean>()

  constructor(target: Target, description: TargetDescription) {
    this.#target = target
    this.description = description
  }

  has(need: string): boolean {
    const known = this.#known.get(need)
    if (known !== undefined) return known
    const declared = isDeclared(need, this.description)
    const has = declared === true || (declared !== false && this.#target.ability(need).how === 'found')
    this.#known.set(need, has)
    return has
  }

  lacks({ needs }: Instance): string[] {
    return needs.filter((need) => !this.has(need))
  }

  with(lines: readonly string[]): ExtendedTarget {
    return new ExtendedTarget(
      this.#target,
      lines.map(membersOf).reduce<TargetDescription>(merged, this.description),
    )
  }

  /** Whether the description states that the target does not have it. */
  denies(need: string): boolean {
    if (this.has(need)) return false
    const line = lineFor(need, this.description)
    const [now, then]: unknown[] = [this.description, membersOf(line)].map((one) =>
      Reflect.get(one, keyOf(line)),
    )
    return isMapping(now) && isMapping(then) && Object.keys(then).some((name) => now[name] === false)
  }

  /** The lines for the needs that these instances lack. */
  linesFor(disabled: readonly Instance[]): string[] {
    return this.lines(disabled.flatMap((one) => this.lacks(one)))
  }

  lines(needs: readonly string[]): string[] {
    return [...new Set(needs)].map((need) => lineFor(need, this.description))
  }
}

/** Keys of which a mapping holds only one. */
const alternatives = ['publish', 'from', 'send', 'set']

/** Adds the members of `more` to those of `base`, or replaces them. */
function merged<T extends object>(base: T, more: object): T {
  const members = Object.entries(more).map(([key, value]): [string, unknown] => {
    const old: unknown = Reflect.get(base, key)
    const isJoined = isMapping(old) && isMapping(value) && !alternatives.includes(key)
    return [key, isJoined ? merged(old, value) : value]
  })
  return { ...base, ...Object.fromEntries(members) }
}

const membersOf = (line: string): object => {
  const value: unknown = parse(line)
  return isMapping(value) ? value : {}
}

const keyOf = (line: string): string => line.slice(0, line.indexOf(':'))

/** A longer line is not offered for copying. */
const mostLength = 120

/** Joins the lines for one key with each other and with the value in the description, since a key occurs only once. */
function joined(lines: readonly string[], description: TargetDescription): string[] {
  return [...new Set(lines.map(keyOf))].map((key) => {
    const same = lines.filter((line) => keyOf(line) === key)
    const now: unknown = Reflect.get(description, key)
    const whole = lineOf(key, [isMapping(now) ? { [key]: now } : {}, ...same.map(membersOf)])
    if (whole.length <= mostLength) return whole
    return same.length === 1 ? same.join('') : lineOf(key, same.map(membersOf))
  })
}

const lineOf = (key: string, members: readonly object[]): string =>
  oneLineYaml(key, Reflect.get(members.reduce(merged, {}), key))

/**
 * Finds the lines that would enable the instances that this target cannot play. The numbers of each line assume that it
 * is added to the description as it is now.
 */
export function enablingLinesOf(cases: readonly Case[], target: Target, full = false): EnablingLines {
  const now = new ExtendedTarget(target, target.description)
  const instances = cases.filter((one) => full || !one.full).flatMap((one) => one.instances)
  const disabled = instances.filter((one) => now.lacks(one).length > 0)
  const isOther = (need: string): boolean =>
    (parts.includes(partOf(need)) && !now.has(partOf(need))) || now.denies(need)
  const ours = disabled.filter((one) => !one.needs.some(isOther))
  const others = disabled
    .flatMap((one) => one.needs.map(partOf))
    .filter((part) => parts.includes(part) && !now.has(part))
  const best = joined(bestLines(ours, now), target.description)
  return {
    selected: cases.flatMap((one) => one.instances).length,
    concerned: instances.length - disabled.length + ours.length,
    best: ranked(best, ours, now),
    together: enabledCount(ours, now.with(best)),
    all: ranked([...now.linesFor(ours), ...now.lines(others)], disabled, now),
  }
}

const enabledCount = (disabled: readonly Instance[], extended: ExtendedTarget): number =>
  disabled.filter((one) => extended.lacks(one).length === 0).length

function ranked(
  lines: readonly string[],
  disabled: readonly Instance[],
  now: ExtendedTarget,
): EnablingLine[] {
  return [...new Set(lines)]
    .map((line) => {
      const extended = now.with([line])
      const opens = enabledCount(disabled, extended)
      const touched = disabled.filter((one) => extended.lacks(one).length < now.lacks(one).length).length
      return { line, opens, helps: touched - opens }
    })
    .toSorted((one, other) => other.opens - one.opens || other.helps - one.helps)
}

/** Chooses the line that enables the most, then the one that enables the most in addition, and so on. */
function bestLines(disabled: readonly Instance[], now: ExtendedTarget): string[] {
  const candidates = disabled.filter((one) => !now.lacks(one).some(isNegotiated))
  const chosen: EnablingLine[] = []
  for (let state = now; chosen.length < mostRecommended; state = now.with(chosen.map(({ line }) => line))) {
    const left = candidates.filter((one) => state.lacks(one).length > 0)
    const next = shortest(ranked(state.linesFor(left), left, state))
    if (next === undefined || next.opens < (chosen[0]?.opens ?? 1) * leastShare) break
    chosen.push(next)
  }
  return chosen.map(({ line }) => line)
}

/** The shortest of the lines that enable about as much as the first. */
const shortest = ([first, ...others]: readonly EnablingLine[]): EnablingLine | undefined =>
  others
    .filter(({ opens }) => first !== undefined && opens >= first.opens * similarShare)
    .reduce((least, one) => (least && one.line.length >= least.line.length ? least : one), first)
