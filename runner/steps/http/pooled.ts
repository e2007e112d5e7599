import { type Static, Type } from '@sinclair/typebox'
import { errors, Pool } from 'undici'
import { statusMeets, StatusExpectation } from '../language/expectations.ts'
import type { Play } from '../stage/play.ts'
import { Endpoint } from '../language/request.ts'
import { ActorName, closed, DurationText } from '../language/arguments.ts'
import { met, type Outcome, unable, unmet } from '../language/outcome.ts'
import { verb } from '../language/verb.ts'

const schema = Type.Object(
  {
    as: Type.Optional(ActorName),
    to: Type.Optional(Endpoint),
    count: Type.Integer({ minimum: 1, maximum: 1000, description: 'How many requests' }),
    connections: Type.Integer({ minimum: 1, maximum: 50, description: 'How many connections the pool has' }),
    status: Type.Optional(StatusExpectation),
    within: Type.Optional(DurationText),
  },
  closed,
)
type PooledArgs = Static<typeof schema>

/** A pool on the target that counts the connections it opens. */
class CountedPool {
  opened = 0
  readonly #pool: Pool

  constructor(play: Play, url: URL, connections: number) {
    const connect = play.target.connector
    this.#pool = new Pool(url.origin, {
      connections,
      connect: (place, callback) => {
        this.opened++
        connect(place, callback)
      },
    })
    play.cleanup.atEnd(() => this.#pool.destroy())
  }

  /** One request and its whole answer. @throws what undici does when the connection breaks. */
  async get(play: Play, { to = 'http', within }: PooledArgs): Promise<number> {
    const { url, headers } = play.target.address(to, play.identity.scope())
    const { pathname, search } = url
    const signal = play.bounds.within(within)
    const fields = Object.fromEntries(headers)
    const answer = await this.#pool.request({
      method: 'GET',
      path: pathname + search,
      headers: fields,
      signal,
    })
    await answer.body.bytes()
    return answer.statusCode
  }
}

const wanted = 'an answer to every request of the pool'

/** A lost connection is what the pool looks for; an answer that undici cannot read is the matter of other cases. */
function failureOf(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error
  if (error.name === 'TimeoutError') return unmet(wanted, 'none in time', { late: true })
  const isLost = error instanceof errors.SocketError || 'syscall' in error
  return isLost ? unmet(wanted, error.message) : unable(`undici gives up: ${error.message}`)
}

/** Requests one after the other, until they are enough or one of them is not answered as it should be. */
async function some(pool: CountedPool, args: PooledArgs, count: number, play: Play): Promise<Outcome> {
  for (let sent = 0; sent < count; sent++) {
    try {
      const status = await pool.get(play, args)
      play.notes.add(args.as ?? 'pool', `GET, answered with ${status}`)
      if (!statusMeets(args.status ?? ['2xx', '3xx', '4xx'], status)) return unmet(wanted, String(status))
    } catch (error) {
      return failureOf(error)
    }
  }
  return met
}

const pooledVerb = verb({
  name: 'pooled',
  about:
    'Gets a resource again and again through a pool of connections, as applications keep one (undici). Every request is answered, and the pool never has to open more connections than it keeps.',
  expects: true,
  schema,
  run: async (args, play) => {
    const { count, connections, to = 'http' } = args
    const pool = new CountedPool(play, play.target.address(to, play.identity.scope()).url, connections)
    const share = Math.ceil(count / connections)
    const outcomes = await Promise.all(
      Array.from({ length: connections }, () => some(pool, args, share, play)),
    )
    const wrong = outcomes.find(({ kind }) => kind !== 'met')
    if (wrong !== undefined) return wrong
    play.notes.add(args.as ?? 'pool', `${pool.opened} connections for ${share * connections} requests`)
    return pool.opened <= connections
      ? met
      : unmet(`at most ${connections} connections`, `${pool.opened} for ${share * connections} requests`)
  },
  draw: ({ as = 'pool', count, connections }) => [
    { actor: as, towards: 'target', text: `${count} requests over ${connections} connections` },
    { actor: as, towards: 'kit', text: 'an answer to each' },
  ],
})

export const pooledVerbs = [pooledVerb]
