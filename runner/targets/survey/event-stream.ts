import { EventStreamParser, type StreamObservation } from '../../wire/event-stream/parser.ts'
import type { HeaderList } from '../../wire/headers.ts'
import { defaultLimits } from '../../wire/limits.ts'
import { foreignOrigin, letsAnyoneRead, surveyScope } from './request-values.ts'
import type { Survey } from './result.ts'
import type { Target } from '../target.ts'
import type { Address } from '../address.ts'
import { beginOwnRequest } from '../request.ts'

const mostBytes = 64 * 1024

/** What a stream sent while it was observed. */
interface StreamSample {
  readonly headers: HeaderList
  readonly observations: readonly (StreamObservation & { readonly at: number })[]
  readonly size: number
  /** The only event arrived at once, and the stream stayed open without another. */
  readonly isGreeting: boolean
}

/** A greeting arrives within so many milliseconds after the header section. */
const atOnceMs = 500

/** Observes an event stream; if its events have ids, a second request shows whether it resumes. */
export async function surveyStream(
  target: Target,
  path: string,
  signal: AbortSignal,
  listenMs: number,
): Promise<Survey> {
  const address = target.address('sse', surveyScope)
  const sample = await listen(target, address, signal, listenMs)
  const ids = idsOf(sample)
  const resumes = ids.length > 1 && (await isResumed(target, address, ids, signal, listenMs))
  const retry = sample.observations.some(({ kind }) => kind === 'retry')
  const greeting = sample.isGreeting
  const emits = !greeting && sample.observations.some(({ kind }) => kind === 'event')
  const cors = letsAnyoneRead(sample.headers)
  const keepAlive = keepAliveOf(sample)
  return {
    description: {
      sse: {
        path,
        ...(resumes ? { resume: true } : {}),
        ...(retry ? { retry } : {}),
        ...(keepAlive === undefined ? {} : { keepAlive: `${keepAlive}s` }),
        ...(greeting ? { greeting } : {}),
        ...(emits ? { emits } : {}),
        ...(cors ? { cors: {} } : {}),
      },
    },
    seen: [
      target.took,
      ...silence(sample, listenMs),
      ...(greeting ? ['it begins with one event and then sends none: probably a greeting'] : []),
      ...(emits ? ['it sends events without a publish'] : []),
      ...(retry ? ['it announces a reconnection time'] : []),
      resumeNote(ids, resumes),
      keepAlive === undefined
        ? `it did not send two comments within ${listenMs / 1000} s: if it keeps idle streams alive, state the interval under keepAlive`
        : `it sends a comment at least every ${keepAlive} s`,
      cors ? 'pages of other origins may read it' : 'pages of other origins may not read it',
    ],
  }
}

function silence({ observations, size }: StreamSample, listenMs: number): string[] {
  if (size === 0)
    return [
      `it sent no byte within ${listenMs / 1000} s: either it has no events, or an intermediary holds them back (nginx: "proxy_buffering off", or the field X-Accel-Buffering: no)`,
    ]
  return observations.some(({ kind }) => kind === 'event')
    ? []
    : [`it sent no event within ${listenMs / 1000} s`]
}

function resumeNote(ids: readonly string[], resumes: boolean): string {
  if (resumes) return 'it resumes after Last-Event-ID'
  if (ids.length > 1) return 'it does not resume after Last-Event-ID'
  return 'it sent too few ids to find out whether it resumes: if it does, add resume: true'
}

/** The different last event IDs, in the order of their events. */
const idsOf = ({ observations }: StreamSample): string[] => [
  ...new Set(
    observations.flatMap((one) => (one.kind === 'event' && one.lastEventId !== '' ? [one.lastEventId] : [])),
  ),
]

/** Whether the second event is sent first when the request has the id of the first event. */
async function isResumed(
  target: Target,
  address: Address,
  [first = '', second = '']: readonly string[],
  signal: AbortSignal,
  listenMs: number,
): Promise<boolean> {
  const resuming = { ...address, headers: [...address.headers, ['last-event-id', first] as const] }
  return idsOf(await listen(target, resuming, signal, listenMs))[0] === second
}

/** Seconds between comments, rounded up; undefined if there were not two of them. */
function keepAliveOf({ observations }: StreamSample): number | undefined {
  const times = observations.filter(({ kind }) => kind === 'comment').map(({ at }) => at)
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  return gaps.length === 0 ? undefined : Math.max(1, Math.ceil(Math.max(...gaps) / 1000))
}

/** What a stream sends in the first seconds. */
async function listen(
  target: Target,
  address: Address,
  signal: AbortSignal,
  listenMs: number,
): Promise<StreamSample> {
  const fields = [...address.headers, ['accept', 'text/event-stream'] as const, foreignOrigin]
  const { body, headers } = await beginOwnRequest(target, { ...address, headers: fields }, signal)
  const observations: (StreamObservation & { at: number })[] = []
  const parser = new EventStreamParser({ limits: defaultLimits, onFinding: () => undefined })
  let isOver = false
  let size = 0
  const startedAt = performance.now()
  const timer = setTimeout(() => {
    isOver = true
    body.destroy()
  }, listenMs)
  try {
    for await (const bytes of body) {
      size += bytes.length
      const at = performance.now()
      observations.push(...parser.push(bytes).map((one) => ({ ...one, at })))
      if (size > mostBytes) break
    }
  } catch (error) {
    // The timer has destroyed the body: the observation is complete.
    if (!isOver) throw error
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
  const [event, another] = observations.filter(({ kind }) => kind === 'event')
  const isAlone = event !== undefined && another === undefined
  return {
    headers,
    observations,
    size,
    isGreeting: isOver && isAlone && event.at - startedAt < Math.min(atOnceMs, listenMs),
  }
}
