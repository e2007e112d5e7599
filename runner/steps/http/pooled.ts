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
    count: Type.Integer({ minimum: 1, maximum: 1000, description: 'The number of requests' }),
    connections: Type.Integer({
      minimum: 1,
      maximum: 50,
      description: 'The number of connections in the pool',
    }),
    status: Type.Optional(StatusExpectation),
    within: Type.Optional(DurationText),
  },
  closed,
)
type PooledArgs = Static<typeof schema>

/** A pool of connections to the target that counts how many it opens. */
class CountingPool {
  opened = 0
  /** Responses after which the target closes the connection, as it says in them. */
  announced = 0
  readonly #pool: Pool

  constructor(play: Play, url: URL, connections: number) {
    const connect = play.target.connector
    this.#pool = new Pool(url.origin, {
      connections,
      connect: (options, callback) => {
        this.opened++
        connect(options, callback)
      },
    })
    play.cleanup.atEnd(() => this.#pool.destroy())
  }

  /**
   * Sends one request, reads the complete response, and returns its status.
   * @throws the error of undici if the connection breaks
   */
  async get(play: Play, { to = 'http', within }: PooledArgs): Promise<number> {
    const { url, headers } = play.target.address(to, play.identity.scope())
    const { pathname, search } = url
    const signal = play.bounds.within(within)
    const fields = Object.fromEntries(headers)
    const response = await this.#pool.request({
      method: 'GET',
      path: pathname + search,
      headers: fields,
      signal,
    })
    await response.body.bytes()
    const options = [response.headers.connection ?? []].flat().join(',').toLowerCase().split(',')
    if (options.some((option) => option.trim() === 'close')) this.announced++
    return response.statusCode
  }
}

const expected = 'a response to every request of the pool'

/** A lost connection fails the step. Responses that undici cannot parse are judged by other cases. */
function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof Error)) throw error
  if (error.name === 'TimeoutError') return unmet(expected, 'no response in time', { late: true })
  const isLost = error instanceof errors.SocketError || 'syscall' in error
  return isLost ? unmet(expected, error.message) : unable(`undici failed: ${error.message}`)
}

/** Sends `count` requests one after the other; stops early at a response that is missing or has the wrong status. */
async function sendInTurn(pool: CountingPool, args: PooledArgs, count: number, play: Play): Promise<Outcome> {
  for (let sent = 0; sent < count; sent++) {
    try {
      const status = await pool.get(play, args)
      play.notes.add(args.as ?? 'pool', `GET, got ${status}`)
      if (!statusMeets(args.status ?? ['2xx', '3xx', '4xx'], status))
        return unmet(expected, `status ${status}`)
    } catch (error) {
      return outcomeOfError(error)
    }
  }
  return met
}

const pooledVerb = verb({
  name: 'pooled',
  about:
    'Requests a resource repeatedly through a connection pool such as applications use (undici). Every request gets a response, and the pool never has to open more connections than its size.',
  expects: true,
  schema,
  run: async (args, play) => {
    const { count, connections, to = 'http' } = args
    const pool = new CountingPool(play, play.target.address(to, play.identity.scope()).url, connections)
    const requestsEach = Math.ceil(count / connections)
    const outcomes = await Promise.all(
      Array.from({ length: connections }, () => sendInTurn(pool, args, requestsEach, play)),
    )
    const failed = outcomes.find(({ kind }) => kind !== 'met')
    if (failed !== undefined) return failed
    play.notes.add(args.as ?? 'pool', `${pool.opened} connections for ${requestsEach * connections} requests`)
    // RFC 9112 section 9.3: a server that does not keep connections says so in its responses.
    if (pool.opened > connections && pool.opened <= connections + pool.announced)
      return unable(`the target closes its connections: ${pool.announced} responses have Connection: close`)
    return pool.opened <= connections
      ? met
      : unmet(
          `at most ${connections} connections`,
          `${pool.opened} connections for ${requestsEach * connections} requests`,
        )
  },
  draw: ({ as = 'pool', count, connections }) => [
    { actor: as, towards: 'target', text: `${count} requests over ${connections} connections` },
    { actor: as, towards: 'kit', text: 'a response to each' },
  ],
})

export const pooledVerbs = [pooledVerb]
