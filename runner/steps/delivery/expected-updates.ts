import type { Play } from '../stage/play.ts'
import type { DeliveryRecord } from './receivers/delivery-record.ts'
import { ReceiverGroup } from './receivers/receiver.ts'

/** Records that every receiver on this channel is expected to get an update. */
export function expectUpdate(play: Play, channel: string, update: string): void {
  for (const { expected } of recordsOf(play, channel)) expected.push(update)
}

/** Reverts `expectUpdate` for an update that the target has refused. */
export function dropRefusedUpdate(play: Play, channel: string, update: string): void {
  for (const { expected } of recordsOf(play, channel)) expected.splice(expected.lastIndexOf(update), 1)
}

function recordsOf(play: Play, channel: string): readonly DeliveryRecord[] {
  const records = play.actors
    .all(ReceiverGroup)
    .flatMap(({ receivers }) => receivers.map(({ record }) => record))
  return [...new Set(records)].filter((record) => record.channel === channel)
}
