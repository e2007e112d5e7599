import type { Exchange } from '../../wire/http1/connection.ts'
import type { Play } from '../stage/play.ts'

const eventStream = 'an event stream'

/** Waits for the header section of an event stream; not for long where the target has not sent one to anybody. */
export async function streamHeaded(play: Play, exchange: Exchange): Promise<boolean> {
  const isHeaded = await exchange.headed(play.within(play.isSilent(eventStream) ? '500ms' : undefined))
  play.heard(eventStream, isHeaded)
  return isHeaded
}
