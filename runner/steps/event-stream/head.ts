import type { Exchange } from '../../wire/exchange.ts'
import { OptionalBehaviours } from '../stage/optional-behaviour.ts'
import type { Play } from '../stage/play.ts'

const headOfStream = 'the header section of an event stream'

/** Waits for the header section of an event stream; only briefly if the target has sent none to any case so far. */
export async function streamHeaded(play: Play, exchange: Exchange): Promise<boolean> {
  const behaviours = play.memory.of(OptionalBehaviours)
  const isUnlikely = !play.isRetry && behaviours.isUnlikely(headOfStream)
  const isHeaded = await exchange.headed(play.bounds.within(isUnlikely ? '500ms' : undefined))
  behaviours.record(headOfStream, isHeaded)
  return isHeaded
}
