import type { Refusal } from '../steps/language/outcome.ts'
import type { Verb } from '../steps/language/verb.ts'
import type { Play } from '../steps/stage/play.ts'
import { isInability } from './inability.ts'

/** An endpoint whose ordinary requests serve as controls. */
type ControlKind = 'http' | 'polling' | 'long-polling' | 'sse' | 'websocket' | 'updates' | 'publish'

/** How an ordinary request was answered; `none`: the kit could make none. */
type Answer = Refusal | 'accepted' | 'none'

const kinds: readonly ControlKind[] = ['http', 'polling', 'long-polling', 'sse', 'websocket']

/** The endpoint whose ordinary requests are the control of an instance with these needs. */
export function controlKindOf(needs: readonly string[]): ControlKind | undefined {
  if (needs.includes('websocket.updates')) return 'updates'
  // An instance that needs no other endpoint sends its requests to the one for publishing.
  const own = kinds.find((kind) => needs.some((need) => need === kind || need.startsWith(`${kind}.`)))
  return own ?? (needs.includes('publish.request') ? 'publish' : undefined)
}

/**
 * The answers to ordinary requests, one for each endpoint: the same requests as those of the cases, without the defect that
 * a case is about. Where one is refused too, a refusal says nothing about the defect.
 */
export class Controls {
  readonly #answers = new Map<ControlKind, Promise<Answer>>()

  /** How the endpoint answers an ordinary request; `open` makes the instance that asks, at the first time. */
  answer(kind: ControlKind, open: () => Play, verbs: ReadonlyMap<string, Verb>): Promise<Answer> {
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
  if (kind === 'polling' || kind === 'long-polling') return ['poll', { over: kind }]
  return ['request', { to: kind }]
}

async function ask(kind: ControlKind, play: Play, verbs: ReadonlyMap<string, Verb>): Promise<Answer> {
  const [verb, args] = ordinary(kind)
  try {
    const sent = await verbs.get(verb)?.run({ as: 'control', ...args }, play)
    if (sent?.kind !== 'met') return 'none'
    const exchange = play.actors.exchange('control')
    // A poll without news may be held, which is no refusal.
    if (!(await exchange.headed(play.bounds.within()))) return 'accepted'
    const { head } = exchange
    return head === undefined ? 'closed' : head.status >= 400 ? head.status : 'accepted'
  } catch (error) {
    if (isInability(error)) return 'none'
    throw error
  } finally {
    await play.close()
  }
}

/** Why a refusal proves nothing, or undefined if an ordinary request is not refused in the same way. */
export function whyRefusalProvesNothing(refusal: Refusal, control: Answer): string | undefined {
  const how =
    refusal === 'closed' ? 'the connection was closed without a response' : `refused with ${refusal}`
  if (control === 'none') return `${how}, and no ordinary request could be made to compare with`
  return refusal === control ? `${how}, and an ordinary request is treated alike` : undefined
}
