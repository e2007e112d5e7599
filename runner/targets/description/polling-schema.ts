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
  { ...closed, description: 'How an answer without updates looks' },
)

/** Status and body of an answer without updates; what is left out may be anything. */
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
      description: 'What one answer holds: the last state only, one update, or all that wait (default: many)',
    }),
  ),
  initial: Type.Optional(
    Type.Union([Type.Literal('oldest'), Type.Literal('newest')], {
      description:
        'Where a request without a cursor starts: at the oldest kept update, or with what comes next (default)',
    }),
  ),
}

export const Gets = Type.Union([Type.Literal('empty'), Type.Literal('all'), Statuses], {
  description: 'A status, an empty answer, or everything from the oldest kept update on',
})

/** What an unusual poll is answered with. */
export type Gets = Static<typeof Gets>

export const OddCursor = Type.Object(
  {
    send: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
      description: 'Such a cursor; a list if the cursor has several parts',
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
      'What polls get whose cursor is none, or ahead of all updates, or whose channel nobody knows',
  },
)

/** What a resource has that conditional and negotiated requests need. */
export const representation = {
  validators: Type.Optional(
    Type.Boolean({
      description: 'Sends an ETag, and answers a conditional request with 304 while nothing has changed',
    }),
  ),
  dates: Type.Optional(
    Type.Boolean({ description: 'Sends Last-Modified, and answers If-Modified-Since with 304 likewise' }),
  ),
  codings: Type.Optional(
    Type.Array(Type.String(), {
      minItems: 1,
      description: 'Content codings that it uses when a client accepts them: gzip',
    }),
  ),
}

export const Credentials = Type.Optional(
  Type.Boolean({ description: 'Its pages may read with the credentials of the user: `withCredentials`' }),
)

export const Http = Type.Object(
  { path: Path, headers: Type.Optional(Headers), ...representation },
  {
    ...closed,
    description: 'A resource for plain requests (default: that of polling); its content stays as it is',
  },
)

export const Polling = Type.Object(
  {
    ...cursorAndUpdates,
    empty: Type.Optional(Empty),
    ...representation,
    freshness: Type.Optional(
      Type.Boolean({
        description: 'Every answer says with Cache-Control or Expires how long it may be used',
      }),
    ),
    independent: Type.Optional(
      Type.Boolean({
        description:
          'The cursor alone decides what comes: no reader takes an update away, and none confirms it',
      }),
    ),
    odd: Type.Optional(OddPolls),
  },
  closed,
)

/** What becomes of a poll about which servers differ. */
export const Treatment = Type.Union([Statuses, Type.Literal('held'), Type.Literal('answered')], {
  description: 'It is held, answered with updates at once, or refused with one of these statuses',
})
export type Treatment = Static<typeof Treatment>

export const Unusable = Type.Object(
  { send: Type.String({ description: 'Such a cursor' }), then: Treatment },
  { ...closed, description: 'A cursor that is not from here, and what a poll with it gets' },
)

export const Waiters = Type.Object(
  { request: Request, count: From },
  { ...closed, description: 'How the target says how many requests it holds on ${channel}' },
)

export const Answers = Type.Array(
  Type.Object(
    {
      when: Type.String({ description: 'A packet of an answer' }),
      request: Request,
    },
    closed,
  ),
  { description: 'Packets, such as a ping, that the client has to answer with a request' },
)

export const Ending = Type.Object(
  {
    status: Type.Optional(Statuses),
    body: Type.Optional(Type.String()),
    after: Type.Optional(Duration),
    jitter: Type.Optional(Duration),
    repeats: Type.Optional(
      Type.Boolean({
        description: 'The time-out answer repeats the last state, with the cursor that the request sent',
      }),
    ),
    cursor: Type.Optional(Type.Boolean({ description: 'The time-out answer says from where to go on, too' })),
    bad: Type.Optional(Type.Boolean({ description: 'A time-out that is no number is refused with a 4xx' })),
    zero: Type.Optional(Type.Boolean({ description: 'A time-out of 0 asks for an answer at once' })),
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
        { ...closed, description: 'Cursors that are malformed, or lie ahead of everything' },
      ),
    ),
    second: Type.Optional(Treatment),
    reaches: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('one')], {
        description: 'Whom an update releases: all that wait (default), or one of them, as in a queue',
      }),
    ),
    ordered: Type.Optional(Type.Boolean({ description: 'Cursors grow, as numbers or byte by byte' })),
    emptyUpdates: Type.Optional(Type.Boolean({ description: 'An update may be an empty text' })),
    head: Type.Optional(Type.Boolean({ description: 'Answers HEAD at once instead of holding it' })),
    timeout: Type.Optional(
      Type.Union([Type.Literal('never'), Ending], {
        description:
          'How a held request ends without an update; never: it waits for one however long it takes',
      }),
    ),
    cacheable: Type.Optional(
      Type.Boolean({
        description: 'Caches may keep answers with updates, because the URL says which updates they are',
      }),
    ),
    refused: Refused,
    earlyHeaders: Type.Optional(
      Type.Boolean({
        description: 'Headers, and maybe the beginning of the content, come before the update',
      }),
    ),
    heartbeat: Type.Optional(
      Type.Boolean({ description: 'White space comes during the hold, so that nobody takes it for dead' }),
    ),
  },
  closed,
)
