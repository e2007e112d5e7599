import { parse } from 'yaml'

import type { Case, Instance } from '../../chapters/chapter.ts'
import { isMapping } from '../../documents/plain.ts'
import { oneLineYaml } from '../../targets/description/one-line-yaml.ts'
import { isDeclared, lineFor } from '../../targets/description/needs.ts'
import type { TargetDescription } from '../../targets/description/schema.ts'
import type { Target } from '../../targets/target.ts'

/** A line of the target description, and what it would open. */
export interface Opening {
  readonly line: string
  /** Instances that this line alone opens. */
  readonly opens: number
  /** Instances that want other lines besides. */
  readonly helps: number
}

/** What can be judged of a target, and what more could be. */
export interface Openings {
  /** Instances that were selected. */
  readonly selected: number
  /** Instances about what the target has: another endpoint, TLS, and what the description denies are left out. */
  readonly concerned: number
  /** The few lines that open most of them, the best first. */
  readonly best: Opening[]
  /** Instances that those lines open together. */
  readonly together: number
  /** Every line about what the target has, and the other endpoints; the best first. */
  readonly all: Opening[]
}

/** How many lines are worth a headline, and what each must open, compared with the first. */
const mostBest = 3
const worthwhile = 0.1
/** A line that claims more has to open more than this part of what a plainer one does. */
const aboutAsMuch = 0.8

/** What a server has is found out by asking it: a line that only claims it does not help. */
const isAsked = (need: string): boolean => need.startsWith('websocket.deflate')

/** The part of the server that a need is about: `delivery.sse` is about the event stream. */
const partOf = (need: string): string => need.replace(/^(delivery|resume)\./, '').split('.')[0] ?? ''
const parts = ['http', 'polling', 'long-polling', 'sse', 'websocket', 'tls']

/** The target with more lines in its description. */
class Supposed {
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

  with(lines: readonly string[]): Supposed {
    return new Supposed(
      this.#target,
      lines.map(membersOf).reduce<TargetDescription>(merged, this.description),
    )
  }

  /** Whether the description says that the target does not have it. */
  denies(need: string): boolean {
    if (this.has(need)) return false
    const line = lineFor(need, this.description)
    const [now, then]: unknown[] = [this.description, membersOf(line)].map((one) =>
      Reflect.get(one, keyOf(line)),
    )
    return isMapping(now) && isMapping(then) && Object.keys(then).some((name) => now[name] === false)
  }

  /** The lines that would fill what these instances miss. */
  linesFor(closed: readonly Instance[]): string[] {
    return this.lines(closed.flatMap((one) => this.lacks(one)))
  }

  lines(needs: readonly string[]): string[] {
    return [...new Set(needs)].map((need) => lineFor(need, this.description))
  }
}

/** Of these only one can stand in a place. */
const alternatives = ['publish', 'from', 'send', 'set']

/** Members of `more` are added to those of `base`, or stand in their place. */
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

/** A line that is longer is not for copying. */
const mostLength = 120

/** Lines for the same key as one, with what the description has under it: each key can stand there only once. */
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
 * Which lines of the description would open the instances that this target cannot play. What is said of a line is
 * what comes of it when it is added to the description as it is.
 */
export function openingsOf(cases: readonly Case[], target: Target, full = false): Openings {
  const now = new Supposed(target, target.description)
  const instances = cases.filter((one) => full || !one.full).flatMap((one) => one.instances)
  const closed = instances.filter((one) => now.lacks(one).length > 0)
  const isOther = (need: string): boolean =>
    (parts.includes(partOf(need)) && !now.has(partOf(need))) || now.denies(need)
  const ours = closed.filter((one) => !one.needs.some(isOther))
  const others = closed
    .flatMap((one) => one.needs.map(partOf))
    .filter((part) => parts.includes(part) && !now.has(part))
  const best = joined(bestLines(ours, now), target.description)
  return {
    selected: cases.flatMap((one) => one.instances).length,
    concerned: instances.length - closed.length + ours.length,
    best: ranked(best, ours, now),
    together: opened(ours, now.with(best)),
    all: ranked([...now.linesFor(ours), ...now.lines(others)], closed, now),
  }
}

const opened = (closed: readonly Instance[], supposed: Supposed): number =>
  closed.filter((one) => supposed.lacks(one).length === 0).length

function ranked(lines: readonly string[], closed: readonly Instance[], now: Supposed): Opening[] {
  return [...new Set(lines)]
    .map((line) => {
      const supposed = now.with([line])
      const opens = opened(closed, supposed)
      const touched = closed.filter((one) => supposed.lacks(one).length < now.lacks(one).length).length
      return { line, opens, helps: touched - opens }
    })
    .toSorted((one, other) => other.opens - one.opens || other.helps - one.helps)
}

/** Adds the line that opens the most, then the one that opens the most besides it, and so on. */
function bestLines(closed: readonly Instance[], now: Supposed): string[] {
  const candidates = closed.filter((one) => !now.lacks(one).some(isAsked))
  const chosen: Opening[] = []
  for (let state = now; chosen.length < mostBest; state = now.with(chosen.map(({ line }) => line))) {
    const left = candidates.filter((one) => state.lacks(one).length > 0)
    const next = plainest(ranked(state.linesFor(left), left, state))
    if (next === undefined || next.opens < (chosen[0]?.opens ?? 1) * worthwhile) break
    chosen.push(next)
  }
  return chosen.map(({ line }) => line)
}

/** Of the lines that open about as much as the first, the one that claims the least. */
const plainest = ([first, ...others]: readonly Opening[]): Opening | undefined =>
  others
    .filter(({ opens }) => first !== undefined && opens >= first.opens * aboutAsMuch)
    .reduce((least, one) => (least && one.line.length >= least.line.length ? least : one), first)
