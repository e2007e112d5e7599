import type { Refusal } from '../steps/language/outcome.ts'
import type { Verb } from '../steps/language/verb.ts'
import type { Play } from '../steps/stage/play.ts'

/** An endpoint whose ordinary requests serve as controls. */
type ControlKind = 'http' | 'polling' | 'long-polling' | 'sse' | 'websocket' | 'updates'

const kinds: readonly ControlKind[] = ['http', 'polling', 'long-polling', 'sse', 'websocket']

/** The endpoint of the first thing that an instance needs. */
export const controlKindOf = (needs: readonly string[]): ControlKind | undefined =>
  needs.includes('websocket.updates')
    ? 'updates'
    : kinds.find((kind) => needs.some((need) => need === kind || need.startsWith(`${kind}.`)))

/**
 * The answers to ordinary requests, one for each endpoint: the same requests as those of the cases, without the defect that
 * a case is about. Where one is refused too, a refusal says nothing about the defect.
 */
export class Controls {
  readonly #answers = new Map<ControlKind, Promise<Refusal | 'accepted'>>()

  /** How the endpoint answers an ordinary request; `open` makes the instance that asks, at the first time. */
  answer(
    kind: ControlKind,
    open: () => Play,
    verbs: ReadonlyMap<string, Verb>,
  ): Promise<Refusal | 'accepted'> {
    const known = this.#answers.get(kind)
    if (known !== undefined) return known
    const answer = ask(kind, open(), verbs)
    this.#answers.set(kind, answer)
    return answer
  }
}

/** The verb of an ordinary request, and its arguments. */
function ordinary(kind: ControlKind): [verb: string, args: object] {
  if (kind === 'websocket' || kind === 'updates') return ['handshake', { to: kind }]
  return kind === 'polling' || kind === 'long-polling' ? ['poll', { over: kind }] : ['request', { to: kind }]
}

async function ask(
  kind: ControlKind,
  play: Play,
  verbs: ReadonlyMap<string, Verb>,
): Promise<Refusal | 'accepted'> {
  const [verb, args] = ordinary(kind)
  try {
    const sent = await verbs.get(verb)?.run({ as: 'control', ...args }, play)
    if (sent?.kind !== 'met') return 'closed'
    const exchange = play.actors.exchange('control')
    // A poll without news may be held, which is no refusal.
    if (!(await exchange.headed(play.bounds.within()))) return 'accepted'
    const { head } = exchange
    return head === undefined ? 'closed' : head.status >= 400 ? head.status : 'accepted'
  } finally {
    await play.close()
  }
}

/** Why a refusal proves nothing, or undefined if an ordinary request is not refused in the same way. */
export const uselessRefusal = (refusal: Refusal, control: Refusal | 'accepted'): string | undefined =>
  refusal !== control
    ? undefined
    : refusal === 'closed'
      ? 'the connection was closed without a response, but so it is for an ordinary request'
      : `refused with ${refusal}, but so is an ordinary request`
