import { type Static, Type } from '@sinclair/typebox'
import {
  closed,
  CursorPart,
  Duration,
  From,
  Headers,
  Path,
  Pointer,
  Refused,
  Request,
  Setup,
  Statuses,
  UpdateShape,
  wish,
} from './common-schema.ts'

export const Empty = Type.Object(
  { status: Type.Optional(Statuses), body: Type.Optional(Type.String()) },
  { ...closed, description: 'How a response without updates looks' },
)

/** Status and body of a response without updates; a part that is left out may be anything. */
export type Empty = Static<typeof Empty>

export const cursorAndUpdates = {
  path: Path,
  method: Type.Optional(Type.String()),
  headers: Type.Optional(Headers),
  body: Type.Optional(Type.String()),
  setup: Type.Optional(Setup),
  cursor: Type.Optional(Type.Union([CursorPart, Type.Array(CursorPart, { minItems: 1 })])),
  update: Type.Optional(UpdateShape),
  delivers: Type.Optional(
    Type.Union([Type.Literal('last'), Type.Literal('one'), Type.Literal('many')], {
      description:
        'What one response contains: only the last state, one update, or all pending updates (default: many)',
    }),
  ),
  initial: Type.Optional(
    Type.Union([Type.Literal('oldest'), Type.Literal('newest')], {
      description:
        'Where a request without a cursor starts: at the oldest kept update, or at the next one (default)',
    }),
  ),
}

export const Gets = Type.Union([Type.Literal('empty'), Type.Literal('all'), Statuses], {
  description: 'A status, an empty response, or all kept updates',
})

/** The response to an unusual poll. */
export type Gets = Static<typeof Gets>

export const OddCursor = Type.Object(
  {
    send: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
      description: 'The cursor to send; a list if cursors have several parts',
    }),
    gets: Gets,
  },
  closed,
)

export const OddPolls = Type.Object(
  {
    malformed: Type.Optional(OddCursor),
    future: Type.Optional(OddCursor),
    unknown: Type.Optional(Type.Object({ gets: Gets }, closed)),
  },
  {
    ...closed,
    description:
      'The response to a poll whose cursor is malformed or ahead of all updates, or whose channel is unknown',
  },
)

/** Abilities of a resource that conditional and negotiated requests need. */
export const representation = {
  validators: Type.Optional(
    Type.Boolean({
      description:
        'Sends an ETag, and responds to a conditional request with 304 while the content is unchanged',
    }),
  ),
  dates: Type.Optional(
    Type.Boolean({
      description:
        'Sends Last-Modified, and responds to If-Modified-Since with 304 while the content is unchanged',
    }),
  ),
  codings: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      description: 'Content codings that the server uses if a client accepts them, such as gzip',
    }),
  ),
}

export const Credentials = Type.Optional(
  Type.Boolean({
    description: 'Pages of this origin may send the credentials of the user (`withCredentials`)',
  }),
)

export const Http = Type.Object(
  { path: Path, headers: Type.Optional(Headers), ...representation },
  {
    ...closed,
    description:
      'A resource for plain requests whose content does not change (default: the resource of polling)',
  },
)

export const Polling = Type.Object(
  {
    ...cursorAndUpdates,
    empty: Type.Optional(Empty),
    ...representation,
    freshness: Type.Optional(
      Type.Boolean({
        description: 'Every response states with Cache-Control or Expires how long it is fresh',
      }),
    ),
    independent: Type.Optional(
      Type.Boolean({
        description:
          'The response depends only on the cursor: no client consumes an update, and none confirms one',
      }),
    ),
    odd: Type.Optional(OddPolls),
  },
  closed,
)

/** What happens to a poll for which servers differ. */
export const Treatment = Type.Union([Statuses, Type.Literal('held'), Type.Literal('answered')], {
  description:
    'The poll is held, gets updates at once (`answered`), or is refused with one of these statuses',
})
export type Treatment = Static<typeof Treatment>

export const Unusable = Type.Object(
  { send: Type.String({ description: 'The cursor to send' }), then: Treatment },
  { ...closed, description: 'A cursor that the target never gave, and what happens to a poll with it' },
)

export const Waiters = Type.Object(
  { request: Request, count: From },
  { ...closed, description: 'How to ask the target how many requests it holds on ${channel}' },
)

export const Answers = Type.Array(
  Type.Object(
    {
      when: Type.String({ description: 'A packet of a response' }),
      request: Request,
    },
    closed,
  ),
  { description: 'Packets, such as a ping, to which the client must reply with a request' },
)

export const Ending = Type.Object(
  {
    status: Type.Optional(Statuses),
    body: Type.Optional(Type.String()),
    after: Type.Optional(Duration),
    jitter: Type.Optional(Duration),
    repeats: Type.Optional(
      Type.Boolean({
        description: 'The response at the time-out repeats the last state, with the cursor of the request',
      }),
    ),
    cursor: Type.Optional(
      Type.Boolean({ description: 'The response at the time-out contains a cursor too' }),
    ),
    bad: Type.Optional(
      Type.Boolean({ description: 'A requested time-out that is not a number is refused with a 4xx' }),
    ),
    zero: Type.Optional(Type.Boolean({ description: 'A requested time-out of 0 means a response at once' })),
    set: Type.Optional(
      Type.Union([
        Type.Object({ header: Type.String(), ...wish }, closed),
        Type.Object({ query: Type.String(), ...wish }, closed),
        Type.Object({ form: Type.String(), ...wish }, closed),
        Type.Object({ json: Pointer, ...wish }, closed),
      ]),
    ),
  },
  closed,
)

export const LongPolling = Type.Object(
  {
    ...cursorAndUpdates,
    waiters: Type.Optional(Waiters),
    answers: Type.Optional(Answers),
    unusable: Type.Optional(
      Type.Object(
        { malformed: Type.Optional(Unusable), future: Type.Optional(Unusable) },
        { ...closed, description: 'Cursors that are malformed, or ahead of all updates' },
      ),
    ),
    second: Type.Optional(Treatment),
    reaches: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('one')], {
        description: 'Which held requests an update releases: all of them (default), or one, as in a queue',
      }),
    ),
    ordered: Type.Optional(Type.Boolean({ description: 'Cursors grow, as numbers or byte by byte' })),
    emptyUpdates: Type.Optional(Type.Boolean({ description: 'An update may be an empty text' })),
    head: Type.Optional(
      Type.Boolean({ description: 'Responds to HEAD at once instead of holding the request' }),
    ),
    timeout: Type.Optional(
      Type.Union([Type.Literal('never'), Ending], {
        description: 'How a held request ends without an update; `never`: it is held until there is one',
      }),
    ),
    cacheable: Type.Optional(
      Type.Boolean({
        description: 'Caches may store responses with updates, because the URL identifies these updates',
      }),
    ),
    refused: Refused,
    earlyHeaders: Type.Optional(
      Type.Boolean({
        description:
          'The header section, and perhaps the beginning of the content, is sent before the update',
      }),
    ),
    heartbeat: Type.Optional(
      Type.Boolean({
        description: 'White space is sent while the request is held, to keep the connection alive',
      }),
    ),
  },
  closed,
)
