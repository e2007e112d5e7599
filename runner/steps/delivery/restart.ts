import { Type } from '@sinclair/typebox'
import { HookFailed } from '../../targets/errors/hook-failed.ts'
import { readyAgain, restart } from '../../targets/hooks/restart.ts'
import type { Play } from '../stage/play.ts'
import { ActorName, closed, oneOrMore } from '../language/arguments.ts'
import { met, unable } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

/** How long a restart may take: as long as the start of a server. */
const restartBound = '60s'
/** How long the target may take to close the connections of its clients. */
const closingBound = '10s'

const restartVerb = verb({
  name: 'restart',
  about:
    'Restarts the target, and waits until these clients have lost their connections and the target is ready again.',
  expects: false,
  schema: Type.Object({ lost: oneOrMore(ActorName) }, closed),
  run: async ({ lost }, play) => {
    const signal = play.bounds.within(restartBound)
    try {
      await restart(play.target, signal)
      const open = await stillOpen(play, [lost].flat())
      if (open.length > 0)
        return unable(`the restart left the connection of "${open.join('", "')}" open for ${closingBound}`)
      await readyAgain(play.target, signal)
      play.notes.add('kit', 'the target is ready again')
      return met
    } catch (error) {
      if (error instanceof HookFailed) return unable(error.message)
      if (signal.aborted) return unable(`the restart was not finished within ${restartBound}`)
      throw error
    }
  },
  draw: ({ lost }) => [
    { actor: 'kit', towards: 'target', text: 'restart' },
    ...[lost].flat().map((actor) => ({ actor, towards: 'kit' as const, text: 'end of the connection' })),
  ],
})

async function stillOpen(play: Play, names: readonly string[]): Promise<string[]> {
  const signal = play.bounds.within(closingBound)
  const isLost = await Promise.all(names.map((name) => play.actors.get(name).waitForLoss(signal)))
  return names.filter((_name, index) => isLost[index] !== true)
}

export const restartVerbs = [restartVerb]
