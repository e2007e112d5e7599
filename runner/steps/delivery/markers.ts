import { publish } from '../../targets/hooks/publish.ts'
import { bound } from '../../wire/deadline.ts'
import { markText } from './receivers/delivery-record.ts'
import type { Play } from '../stage/play.ts'
import type { Receiver } from './receivers/receiver.ts'
import { OptionalBehaviours } from '../stage/optional-behaviour.ts'
import { met, type Outcome, unable } from '../language/outcome.ts'

const marks = new WeakMap<Play, number>()

/** Publishes an update of the kit's own on these channels, and gives its text. */
export async function mark(play: Play, receivers: readonly Receiver[]): Promise<string> {
  const number = (marks.get(play) ?? 0) + 1
  marks.set(play, number)
  const text = markText(play.identity.nonce, number)
  await publishAll(play, [...new Set(receivers.map(({ ledger }) => ledger.channel))], text)
  return text
}

/** Publishes an update on each of these channels, one after the other. */
export async function publishAll(play: Play, channels: readonly string[], data: string): Promise<void> {
  play.publications.add(data)
  const { signal, release } = bound(play.bounds.milliseconds('10s'), play.signal)
  try {
    for (const channel of channels)
      await publish(
        play.target,
        { channel, nonce: play.identity.nonce, data },
        signal,
        play.notes.watch('publisher'),
      )
  } finally {
    release()
  }
}

/** Waits until this holds of every receiver; those that have ended are not waited for. */
export async function all(
  receivers: readonly Receiver[],
  holds: (receiver: Receiver) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const waits = receivers.map((one) =>
    one.ledger.changes.until(() => holds(one) || one.ledger.ended !== undefined, signal),
  )
  await Promise.all(waits)
  return receivers.every(holds)
}

/** How long a receiver may take before the kit publishes another mark for it; the last one is the end of patience. */
const patience = ['500ms', '1s', '2s', '2s', '2s', '4s']
/** How many of these there are where no receiver has got anything so far. */
const fewTries = 2

/** A server may take a moment between its answer and the first update that it delivers: marks are repeated until one is seen. */
export async function listening(play: Play, receivers: readonly Receiver[]): Promise<Outcome> {
  const seen: string[] = []
  const isHeard = ({ ledger }: Receiver): boolean => seen.some((text) => ledger.has(text))
  let slowest = 0
  const techniques = [...new Set(receivers.map(({ over }) => over))]
  const behaviours = play.memory.of(OptionalBehaviours)
  const isUnlikely = !play.isRetry && techniques.some((over) => behaviours.isUnlikely(over))
  const tries = isUnlikely ? patience.slice(0, fewTries) : patience
  for (const time of tries) {
    const began = play.transcript.now()
    seen.push(await mark(play, receivers))
    slowest = Math.max(slowest, play.transcript.now() - began)
    if (await all(receivers, isHeard, play.bounds.within(time))) break
    if (play.signal.aborted) break
  }
  for (const one of receivers) behaviours.record(one.over, isHeard(one))
  if (receivers.every(isHeard)) return met
  const deaf = receivers.find((one) => !isHeard(one))
  const why = deaf?.ledger.ended === undefined ? '' : `: ${deaf.ledger.ended}`
  return unable(
    `a receiver over ${deaf?.over} got none of ${seen.length} updates that were published after it came${why}`,
    { retryMayHelp: tries !== patience || slowest > play.bounds.milliseconds('500ms') },
  )
}
