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
interface Heard {
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
  const heard = await listen(target, address, signal, listenMs)
  const ids = idsOf(heard)
  const resumes = ids.length > 1 && (await isResumed(target, address, ids, signal, listenMs))
  const retry = heard.observations.some(({ kind }) => kind === 'retry')
  const greeting = heard.isGreeting
  const emits = !greeting && heard.observations.some(({ kind }) => kind === 'event')
  const cors = letsAnyoneRead(heard.headers)
  const keepAlive = keepAliveOf(heard)
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
      ...silence(heard, listenMs),
      ...(greeting ? ['it begins with one event, and then is silent: a greeting, it seems'] : []),
      ...(emits ? ['it sends events on its own'] : []),
      ...(retry ? ['it announces a reconnection time'] : []),
      resumeNote(ids, resumes),
      keepAlive === undefined
        ? `no comment came twice in ${listenMs / 1000} s: if it keeps idle streams alive, say how often under keepAlive`
        : `a comment came about every ${keepAlive} s`,
      cors ? 'pages of other origins may read it' : 'pages of other origins may not read it',
    ],
  }
}

function silence({ observations, size }: Heard, listenMs: number): string[] {
  if (size === 0)
    return [
      `not one byte came in ${listenMs / 1000} s: it has nothing to say, or something in between holds it back (nginx: "proxy_buffering off", or the field X-Accel-Buffering: no)`,
    ]
  return observations.some(({ kind }) => kind === 'event') ? [] : [`no event came in ${listenMs / 1000} s`]
}

function resumeNote(ids: readonly string[], resumes: boolean): string {
  if (resumes) return 'it goes on after the Last-Event-ID that it is given'
  if (ids.length > 1) return 'it does not go on after the Last-Event-ID that it is given'
  return 'too few ids were seen to try whether it resumes: if it does, say resume: true'
}

/** The different last event IDs, in the order of their events. */
const idsOf = ({ observations }: Heard): string[] => [
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
function keepAliveOf({ observations }: Heard): number | undefined {
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
): Promise<Heard> {
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
