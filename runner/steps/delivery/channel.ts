import { Type } from '@sinclair/typebox'
import type { Play } from '../stage/play.ts'

/** Which channel a verb uses. */
export const Channel = Type.Union([Type.Literal('own'), Type.Literal('other')], {
  description: 'The channel of the case (the default), or another one',
})

export const channelOf = (play: Play, channel: 'own' | 'other' = 'own'): string =>
  channel === 'own' ? play.identity.channel : play.identity.otherChannel
