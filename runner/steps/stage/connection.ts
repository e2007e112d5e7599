import { Type } from '@sinclair/typebox'
import type { Connection } from '../../wire/connection.ts'
import { describeEnd } from '../../wire/http1/connection.ts'
import { type Play, UnknownActor } from './play.ts'
import { ActorName, closed, DurationText, met, oneOrMore, unmet, verb } from './verb.ts'

/** The TCP connection of an actor that is no stock client. */
export function wireOf(play: Play, name: string): Connection {
  const actor = play.actor(name)
  if (actor.kind === 'peer') return actor.peer.handshake.connection.wire
  if (actor.kind === 'request' || actor.kind === 'subscriber') return actor.exchange.connection.wire
  throw new UnknownActor(`"${name}" is a stock client: its connection is not the kit's`)
}

const dropVerb = verb({
  name: 'drop',
  about:
    'The client is gone: its connection ends without a word (fin), or is reset (rst); half closes only the sending side.',
  expects: false,
  schema: Type.Object(
    {
      who: ActorName,
      how: Type.Optional(Type.Union([Type.Literal('fin'), Type.Literal('rst'), Type.Literal('half')])),
    },
    closed,
  ),
  run: ({ who, how = 'fin' }, play) => {
    for (const name of play.named(who)) dropOne(play, name, how)
    return met
  },
  draw: ({ who, how = 'fin' }) => [{ actor: who, towards: 'target', text: how.toUpperCase() }],
})

function dropOne(play: Play, name: string, how: 'fin' | 'rst' | 'half'): void {
  const actor = play.actor(name)
  if (actor.kind === 'receivers') for (const one of actor.receivers) one.drop(how)
  else if (actor.kind === 'stock-source') actor.source.cut()
  else if (actor.kind === 'stock-socket') actor.socket.terminate()
  else if (how === 'half') wireOf(play, name).halfClose()
  else if (how === 'rst') wireOf(play, name).reset()
  else wireOf(play, name).close()
}

const endedVerb = verb({
  name: 'ended',
  about: 'The target ends the TCP connection.',
  expects: true,
  schema: Type.Object(
    {
      who: Type.Optional(ActorName),
      how: Type.Optional(Type.Union([Type.Literal('fin'), Type.Literal('rst'), Type.Literal('any')])),
      within: Type.Optional(DurationText),
    },
    closed,
  ),
  run: async ({ who = 'client', how = 'any', within }, play) => {
    const wire = wireOf(play, who)
    const wanted = `the connection ended by the target${how === 'any' ? '' : ` with ${how.toUpperCase()}`}`
    const ended = await wire.changes.until(() => wire.ended !== undefined, play.noticing(within))
    if (!ended || wire.ended === undefined) return unmet(wanted, 'it is still open', { late: true })
    return how === 'any' || wire.ended.how === how ? met : unmet(wanted, `it ${describeEnd(wire.ended)}`)
  },
  draw: ({ who = 'client' }) => [{ actor: who, towards: 'kit', text: 'end of the connection' }],
})

/** The answer has `close` among its connection options (RFC 9112 section 9.6). */
const saidClose = (play: Play, who: string): boolean =>
  play
    .exchange(who)
    .head?.headers.list('connection')
    .some((option) => option.toLowerCase() === 'close') === true

const openVerb = verb({
  name: 'stays-open',
  about: 'The target does not end the connection in the given time.',
  expects: true,
  schema: Type.Object(
    {
      who: ActorName,
      for: DurationText,
      announced: Type.Optional(
        Type.Boolean({ description: 'It may, if its answer has said `Connection: close`' }),
      ),
    },
    closed,
  ),
  run: async ({ who, for: time, announced = false }, play) => {
    const wire = wireOf(play, who)
    if (announced && saidClose(play, who)) return met
    await wire.changes.until(() => wire.ended !== undefined, play.within(time))
    return wire.ended === undefined
      ? met
      : unmet(`the connection open for ${time}`, `it ${describeEnd(wire.ended)}`)
  },
  draw: ({ who, for: time }) => [{ actor: who, towards: 'none', text: `open for ${time}` }],
})

const conformsVerb = verb({
  name: 'conforms',
  about:
    'Nothing that was received in this case, nor in any other case of the run, has broken these rules of the grammar.',
  expects: true,
  schema: Type.Object(
    { to: oneOrMore(Type.String({ description: 'A requirement that is watched on the wire' })) },
    closed,
  ),
  run: ({ to }, play) => {
    const broken = play.findings.find(({ rule }) => [to].flat().includes(rule))
    return broken === undefined ? met : unmet(`every byte to follow ${broken.rule}`, broken.detail)
  },
  draw: ({ to }) => [
    { actor: 'kit', towards: 'none', text: `all of it conforms to ${[to].flat().join(', ')}` },
  ],
})

const pauseVerb = verb({
  name: 'reading',
  about: 'A client stops reading, or goes on.',
  expects: false,
  schema: Type.Object(
    { who: ActorName, state: Type.Union([Type.Literal('stopped'), Type.Literal('resumed')]) },
    closed,
  ),
  run: ({ who, state }, play) => {
    const actor = play.actor(who)
    if (actor.kind === 'receivers') for (const one of actor.receivers) one.read(state)
    else if (state === 'stopped') wireOf(play, who).pause()
    else wireOf(play, who).resume()
    return met
  },
  draw: ({ who, state }) => [{ actor: who, towards: 'none', text: `reading ${state}` }],
})

export const connectionVerbs = [dropVerb, endedVerb, openVerb, conformsVerb, pauseVerb]
