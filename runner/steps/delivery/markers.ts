import { publish } from '../../targets/hooks/publish.ts'
import { deadline } from '../../wire/deadline.ts'
import { markerText } from './receivers/delivery-record.ts'
import type { Play } from '../stage/play.ts'
import { type Receiver, techniqueNames } from './receivers/receiver.ts'
import { OptionalBehaviours } from '../stage/optional-behaviour.ts'
import { met, type Outcome, unable } from '../language/outcome.ts'

const lastMarkerNumbers = new WeakMap<Play, number>()

/** Publishes a marker, an update of the kit itself, on the channels of these receivers; returns its text. */
export async function publishMarker(play: Play, receivers: readonly Receiver[]): Promise<string> {
  const number = (lastMarkerNumbers.get(play) ?? 0) + 1
  lastMarkerNumbers.set(play, number)
  const text = markerText(play.identity.nonce, number)
  await publishOnChannels(play, [...new Set(receivers.map(({ record }) => record.channel))], text)
  return text
}

/** Publishes an update on each of these channels, one after the other. Throws `HookFailed`. */
export async function publishOnChannels(
  play: Play,
  channels: readonly string[],
  data: string,
): Promise<void> {
  play.publications.add(data)
  const { signal, release } = deadline(play.bounds.milliseconds('10s'), play.signal)
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

/** Waits until every receiver meets a condition or has ended; returns whether all of them meet it. */
export async function waitForAll(
  receivers: readonly Receiver[],
  isMet: (receiver: Receiver) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const waits = receivers.map((one) =>
    one.record.changes.until(() => isMet(one) || one.record.ended !== undefined, signal),
  )
  await Promise.all(waits)
  return receivers.every(isMet)
}

/** How long the kit waits for each marker before it publishes the next one, or gives up after the last one. */
const markerWaits = ['500ms', '1s', '2s', '2s', '2s', '4s']
/** How many markers are published if no receiver of the run has got one over this technique so far. */
const unlikelyMarkers = 2

/**
 * Waits until every receiver has got a marker. A server may deliver updates only some time after its response, so the
 * kit publishes further markers until one arrives.
 */
export async function waitUntilReceiving(play: Play, receivers: readonly Receiver[]): Promise<Outcome> {
  const markers: string[] = []
  const isReceiving = ({ record }: Receiver): boolean => markers.some((text) => record.hasMarker(text))
  let slowestPublish = 0
  const techniques = [...new Set(receivers.map(({ technique }) => technique))]
  const behaviours = play.memory.of(OptionalBehaviours)
  const isUnlikely = !play.isRetry && techniques.some((technique) => behaviours.isUnlikely(technique))
  const waits = isUnlikely ? markerWaits.slice(0, unlikelyMarkers) : markerWaits
  for (const wait of waits) {
    const startedAt = play.transcript.now()
    markers.push(await publishMarker(play, receivers))
    slowestPublish = Math.max(slowestPublish, play.transcript.now() - startedAt)
    if (await waitForAll(receivers, isReceiving, play.bounds.within(wait))) break
    if (play.signal.aborted) break
  }
  for (const one of receivers) behaviours.record(one.technique, isReceiving(one))
  const missing = receivers.find((one) => !isReceiving(one))
  if (missing === undefined) return met
  const why = missing.record.ended === undefined ? '' : `: ${missing.record.ended}`
  return unable(
    `a receiver over ${techniqueNames[missing.technique]} got none of the ${markers.length} updates that were published after it was opened${why}`,
    { retryMayHelp: isUnlikely || slowestPublish > play.bounds.milliseconds('500ms') },
  )
}
