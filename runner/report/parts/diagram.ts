import type { Instance } from '../../chapters/chapter.ts'
import type { Arrow, Verb } from '../../steps/language/verb.ts'
import { forTerminal } from '../../text/escape.ts'

const signs: Readonly<Record<Arrow['towards'], string>> = { target: '──▶', kit: '◀──', none: ' · ' }

/** The exchange of a case in the order of time, one a line: actor, direction, action. */
export function diagram(instance: Instance, verbs: ReadonlyMap<string, Verb>): string[] {
  const arrows = instance.steps.flatMap(({ verb, args, given }) =>
    (verbs.get(verb)?.draw(args) ?? []).map((arrow) => ({ ...arrow, given })),
  )
  const width = Math.max(0, ...arrows.map(({ actor }) => actor.length))
  return arrows.map(
    ({ actor, towards, text, given }) =>
      `${forTerminal(actor).padEnd(width)}  ${signs[towards]}  ${forTerminal(text)}${given ? '  (preparation)' : ''}`,
  )
}
