import { Type } from '@sinclair/typebox'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'
import { StockEventSource } from './stock-client.ts'

/** The response to the latest request of the client, in words that follow "and". */
export function describeLastResponse({ response }: StockEventSource): string {
  if (response === undefined) return 'its last request got no response'
  const type = response.contentType === '' ? 'no Content-Type' : `Content-Type: ${response.contentType}`
  return `its last request got ${response.status} with ${type}`
}

/** The outcome if the stock client did something else than what its last response asks every client for. */
const faultOfClient = (source: StockEventSource): Outcome =>
  unable(`the stock client is ${source.state}, although ${describeLastResponse(source)}`)

const reconnectedVerb = verb({
  name: 'reconnected',
  about:
    'The stock client has lost its stream and opened a new one, in time after the reconnection time that its stream has announced.',
  expects: true,
  schema: Type.Object({ who: ActorName, within: Type.Optional(DurationText) }, closed),
  run: async ({ who, within }, play) => {
    const source = play.actors.getAs(who, StockEventSource)
    const bound = source.reconnectionMs + play.bounds.milliseconds(within)
    if (await source.reopened(play.bounds.after(bound))) return met
    // The target is not to blame for a client that has not asked again, or does not accept an event stream.
    if (source.response?.isEventStream === true) return faultOfClient(source)
    return unmet(
      'a reconnection in time',
      `none: the client is ${source.state}, and ${describeLastResponse(source)}`,
      { late: true },
    )
  },
  draw: ({ who }) => [{ actor: who, towards: 'target', text: 'reconnects' }],
})

const gaveUpVerb = verb({
  name: 'gave-up',
  about: 'The stock client has closed its stream permanently and does not reconnect.',
  expects: true,
  schema: Type.Object({ who: ActorName, within: Type.Optional(DurationText) }, closed),
  run: async ({ who, within }, play) => {
    const source = play.actors.getAs(who, StockEventSource)
    if (await source.gaveUp(play.bounds.within(within))) return met
    if (source.response?.status === 204) return faultOfClient(source)
    return unmet(
      'a client that is closed permanently',
      `a client that is ${source.state}: ${describeLastResponse(source)}`,
      { late: true },
    )
  },
  draw: ({ who }) => [{ actor: who, towards: 'none', text: 'closed permanently' }],
})

export const stockClientVerbs = [reconnectedVerb, gaveUpVerb]
