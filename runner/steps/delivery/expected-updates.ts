import type { Play } from '../stage/play.ts'
import type { Ledger } from './receivers/delivery-record.ts'
import { ReceiverGroup } from './receivers/receiver.ts'

/** Records that every receiver on this channel must get an update. */
export function owe(play: Play, channel: string, update: string): void {
  for (const { owed } of ledgersOf(play, channel)) owed.push(update)
}

/** Takes an update back that the target has refused: nobody gets it. */
export function disown(play: Play, channel: string, update: string): void {
  for (const { owed } of ledgersOf(play, channel)) owed.splice(owed.lastIndexOf(update), 1)
}

function ledgersOf(play: Play, channel: string): readonly Ledger[] {
  const ledgers = play.actors
    .all(ReceiverGroup)
    .flatMap(({ receivers }) => receivers.map(({ ledger }) => ledger))
  return [...new Set(ledgers)].filter((ledger) => ledger.channel === channel)
}
