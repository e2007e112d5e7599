import { Type } from '@sinclair/typebox'
import { describeEnd } from '../wire/connection.ts'
import { ActorName, closed, DurationText, oneOrMore } from './language/arguments.ts'
import { met, unableToHalfClose, unmet } from './language/outcome.ts'
import { verb } from './language/verb.ts'

const dropVerb = verb({
  name: 'drop',
  about:
    'Ends the connection of a client without a closing handshake: `fin` (the default) closes it, `rst` resets it, `half` closes only the sending side.',
  expects: false,
  schema: Type.Object(
    {
      who: ActorName,
      how: Type.Optional(Type.Union([Type.Literal('fin'), Type.Literal('rst'), Type.Literal('half')])),
    },
    closed,
  ),
  run: ({ who, how = 'fin' }, play) => {
    const actors = play.actors.names(who).map((name) => play.actors.get(name))
    if (how === 'half' && actors.some(({ wire }) => wire?.canHalfClose === false)) return unableToHalfClose
    for (const actor of actors) actor.leave(how)
    return met
  },
  draw: ({ who, how = 'fin' }) => [{ actor: who, towards: 'target', text: how.toUpperCase() }],
})

const endedVerb = verb({
  name: 'ended',
  about: 'The target closes or resets the TCP connection.',
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
    const wire = play.actors.get(who).ownWire()
    const expected = `a connection closed by the target${how === 'any' ? '' : ` with ${how.toUpperCase()}`}`
    const ended = await wire.changes.until(() => wire.ended !== undefined, play.bounds.untilClosed(within))
    if (!ended || wire.ended === undefined) return unmet(expected, 'an open connection', { late: true })
    return how === 'any' || wire.ended.how === how
      ? met
      : unmet(expected, `a connection that ${describeEnd(wire.ended)}`)
  },
  draw: ({ who = 'client' }) => [{ actor: who, towards: 'kit', text: 'end of the connection' }],
})

const conformsVerb = verb({
  name: 'conforms',
  about: 'Nothing that was received in this case, or in any other case of the run, violates these rules.',
  expects: true,
  demandsEach: ['to'],
  schema: Type.Object(
    {
      to: oneOrMore(Type.String({ description: 'A requirement that the kit checks on all received bytes' })),
    },
    closed,
  ),
  run: ({ to }, play) => {
    const violation = play.findings.find(({ rule }) => [to].flat().includes(rule))
    return violation === undefined
      ? met
      : unmet(`all received bytes to conform to ${violation.rule}`, violation.detail)
  },
  draw: ({ to }) => [
    { actor: 'kit', towards: 'none', text: `all received bytes conform to ${[to].flat().join(', ')}` },
  ],
})

const readingVerb = verb({
  name: 'reading',
  about: 'Makes a client stop reading from its connection, or resume reading.',
  expects: false,
  schema: Type.Object(
    { who: ActorName, state: Type.Union([Type.Literal('stopped'), Type.Literal('resumed')]) },
    closed,
  ),
  run: ({ who, state }, play) => {
    const actor = play.actors.get(who)
    if (state === 'stopped') actor.stopReading()
    else actor.resumeReading()
    return met
  },
  draw: ({ who, state }) => [{ actor: who, towards: 'none', text: `reading ${state}` }],
})

export const connectionVerbs = [dropVerb, endedVerb, conformsVerb, readingVerb]
