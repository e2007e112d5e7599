import { type Static, Type } from '@sinclair/typebox'

/**
 * The target description: how to reach the server under test, which of the behaviours that the standards
 * leave open it chose, and how to make it publish. One source for the type and for the JSON Schema.
 */
const closed = { additionalProperties: false } as const

/** A duration as people write it: `400ms`, `25s`, `2m`. */
export const Duration = Type.String({
  pattern: '^(0|[0-9]+(\\.[0-9]+)?(ms|s|m))$',
  description: 'A duration: 400ms, 25s, 2m',
})

const Headers = Type.Record(Type.String(), Type.String(), { description: 'Header fields to send' })
const Path = Type.String({
  description:
    'A path (with query) on the target, or a whole URL; ${channel} stands for the channel of the instance, ${client} for one of its clients',
})
const Pointer = Type.String({
  pattern: '^(/.*)?$',
  description: 'A JSON Pointer (RFC 6901) into the body; a * stands for every member of an array',
})
const Status = Type.Integer({ minimum: 100, maximum: 599 })
const Statuses = Type.Union([Status, Type.Array(Status, { minItems: 1 })])

/** Where a value is found in a response. */
export const From = Type.Union([
  Type.Object({ header: Type.String() }, closed),
  Type.Object({ json: Pointer }, closed),
  Type.Object({ cookie: Type.String() }, closed),
  Type.Object(
    { match: Type.String({ description: 'A regular expression on the body; its first group is the value' }) },
    closed,
  ),
])

export type From = Static<typeof From>

/** How a value is sent in a request. */
export const Into = Type.Union([
  Type.Object({ header: Type.String() }, closed),
  Type.Object({ query: Type.String() }, closed),
  Type.Object({ form: Type.String() }, closed),
  Type.Object({ json: Pointer }, closed),
])

export type Into = Static<typeof Into>

/** How a client writes the time-out that it wishes for. */
const wish = {
  unit: Type.Union([Type.Literal('s'), Type.Literal('ms')]),
  as: Type.Optional(
    Type.String({ description: 'How the number is written: ${time}s, wait=${time} (default: by itself)' }),
  ),
}

/** One part of the cursor: validators are two of them. */
const cursorShape = {
  from: From,
  send: Into,
  first: Type.Optional(
    Type.String({ description: 'What the first request sends; ${name} stands for a capture of the setup' }),
  ),
}
export const CursorPart = Type.Object(cursorShape, closed)

export type CursorPart = Static<typeof CursorPart>

const Refused = Type.Optional(
  Type.Object(
    { path: Path, headers: Type.Optional(Headers) },
    { ...closed, description: 'A request for it that is refused: credentials are missing, or wrong' },
  ),
)

/** How the updates of an answer, an event or a message are found; without it, the whole is one update. */
export const UpdateShape = Type.Object(
  {
    split: Type.Optional(Type.String({ description: 'What separates several packets in one body' })),
    prefix: Type.Optional(
      Type.String({ description: 'Only packets that start so hold updates; it is taken off' }),
    ),
    percent: Type.Optional(
      Type.Boolean({ description: 'Characters may be percent-encoded: %0A stands for a line feed' }),
    ),
    json: Type.Optional(Pointer),
  },
  closed,
)

export type UpdateShape = Static<typeof UpdateShape>

const requestWhich = (description?: string) =>
  Type.Object(
    {
      method: Type.Optional(Type.String({ default: 'GET' })),
      path: Path,
      headers: Type.Optional(Headers),
      body: Type.Optional(Type.String()),
    },
    description === undefined ? closed : { ...closed, description },
  )

const Request = requestWhich()

export type RequestTemplate = Static<typeof Request>

const SetupStep = Type.Object(
  { request: Request, capture: Type.Optional(Type.Record(Type.String(), From)) },
  closed,
)
export type SetupStep = Static<typeof SetupStep>

const Setup = Type.Array(SetupStep, {
  description:
    'Requests that open a session, before the first request of each client; captures are then ${name}',
})

const Empty = Type.Object(
  { status: Type.Optional(Statuses), body: Type.Optional(Type.String()) },
  { ...closed, description: 'How an answer without updates looks' },
)

/** Status and body of an answer without updates; what is left out may be anything. */
export type Empty = Static<typeof Empty>

const cursorAndUpdates = {
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

const Gets = Type.Union([Type.Literal('empty'), Type.Literal('all'), Statuses], {
  description: 'A status, an empty answer, or everything from the oldest kept update on',
})

/** What an unusual poll is answered with. */
export type Gets = Static<typeof Gets>

const OddCursor = Type.Object(
  {
    send: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
      description: 'Such a cursor; a list if the cursor has several parts',
    }),
    gets: Gets,
  },
  closed,
)

const OddPolls = Type.Object(
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
const representation = {
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

const Credentials = Type.Optional(
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
const Treatment = Type.Union([Statuses, Type.Literal('held'), Type.Literal('answered')], {
  description: 'It is held, answered with updates at once, or refused with one of these statuses',
})
export type Treatment = Static<typeof Treatment>

const Unusable = Type.Object(
  { send: Type.String({ description: 'Such a cursor' }), then: Treatment },
  { ...closed, description: 'A cursor that is not from here, and what a poll with it gets' },
)

const Waiters = Type.Object(
  { request: Request, count: From },
  { ...closed, description: 'How the target says how many requests it holds on ${channel}' },
)

const Answers = Type.Array(
  Type.Object(
    {
      when: Type.String({ description: 'A packet of an answer' }),
      request: Request,
    },
    closed,
  ),
  { description: 'Packets, such as a ping, that the client has to answer with a request' },
)

const Ending = Type.Object(
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

/** How a hold ends without an update, as the description says; undefined where it never does, or nothing is said. */
export const endingOf = ({ 'long-polling': polls }: TargetDescription): Static<typeof Ending> | undefined =>
  polls?.timeout === 'never' ? undefined : polls?.timeout

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
    earlyHeaders: Type.Optional(Type.Boolean({ description: 'Headers come before the update' })),
    heartbeat: Type.Optional(
      Type.Boolean({ description: 'White space comes during the hold, so that nobody takes it for dead' }),
    ),
  },
  closed,
)

export const ServerSentEvents = Type.Object(
  {
    path: Path,
    headers: Type.Optional(Headers),
    setup: Type.Optional(Setup),
    resume: Type.Optional(Type.Boolean({ description: 'Replays what came after Last-Event-ID' })),
    update: Type.Optional(UpdateShape),
    event: Type.Optional(Type.String({ description: 'The event type that carries updates (default: any)' })),
    retry: Type.Optional(Type.Boolean({ description: 'Announces a reconnection time' })),
    keepAlive: Type.Optional(Duration),
    emits: Type.Optional(Type.Boolean({ description: 'Sends events on its own' })),
    streams: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'So many streams of a channel can be open' }),
    ),
    refused: Refused,
    waiters: Type.Optional(Waiters),
    idQuery: Type.Optional(
      Type.String({
        description: 'A query parameter that may carry the last event ID; the header field wins',
      }),
    ),
    unknownId: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Literal('new')], {
        description:
          'What a client gets whose last event ID is not known (any more): all that is kept, or only what is new',
      }),
    ),
    cors: Type.Optional(
      Type.Object(
        {
          origin: Type.Optional(Type.String({ description: 'An origin that is let in (default: any is)' })),
          credentials: Credentials,
        },
        { ...closed, description: 'Pages of other origins may read the stream' },
      ),
    ),
    end: Type.Optional(requestWhich('Ends the open streams of the channel in an orderly way')),
    finish: Type.Optional(requestWhich('Ends the channel: whoever comes back is told with 204 to stop')),
  },
  closed,
)

const DeflateParameters = Type.Object(
  {
    serverWindow: Type.Optional(Type.Boolean({ description: 'Agrees to server_max_window_bits' })),
    clientWindow: Type.Optional(Type.Boolean({ description: 'Answers client_max_window_bits with a value' })),
    clientContext: Type.Optional(Type.Boolean({ description: 'Does not demand client_no_context_takeover' })),
    serverNoContext: Type.Optional(Type.Boolean({ description: 'Agrees to server_no_context_takeover' })),
  },
  { additionalProperties: false },
)

export const WebSocketEndpoint = Type.Object(
  {
    path: Path,
    headers: Type.Optional(Headers),
    setup: Type.Optional(Setup),
    echo: Type.Optional(Type.Boolean({ description: 'Sends back every message as it came' })),
    pushes: Type.Optional(Type.Boolean({ description: 'Sends messages on its own' })),
    updates: Type.Optional(
      Type.Union([Type.Boolean(), Path], {
        description: 'Delivers what is published; a path, if it is another address',
      }),
    ),
    update: Type.Optional(UpdateShape),
    cursor: Type.Optional(
      Type.Object(cursorShape, {
        ...closed,
        description:
          'How a feed goes on after a broken connection: where a message says its position, and how the next handshake sends it',
      }),
    ),
    subprotocols: Type.Optional(Type.Array(Type.String())),
    deflate: Type.Optional(
      Type.Union([Type.Boolean(), DeflateParameters], {
        description: 'Agrees to permessage-deflate; or to which of its parameters',
      }),
    ),
    origins: Type.Optional(
      Type.Union([Type.Literal('any'), Type.Literal('same'), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          'Which Origin may open a WebSocket: any (default), only that of the same host, or those listed',
      }),
    ),
    onlyKnownPaths: Type.Optional(
      Type.Boolean({ description: 'A path at which there is nothing is no WebSocket either' }),
    ),
    maxMessage: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Bytes of the largest message that is taken' }),
    ),
  },
  closed,
)

const Command = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })])

export const Publish = Type.Union([
  Type.Object(
    { setup: Type.Optional(Setup), request: Request, also: Type.Optional(Type.Array(Request)) },
    closed,
  ),
  Type.Object({ command: Command }, closed),
  Type.Object({ websocket: Type.Object({ path: Path, message: Type.String() }, closed) }, closed),
])

export type Publish = Static<typeof Publish>

export const Start = Type.Object(
  {
    command: Type.String(),
    ready: Type.Optional(
      Type.String({
        description: 'A path that answers 2xx when the server is ready (default: the port answers)',
      }),
    ),
    cwd: Type.Optional(Type.String()),
    env: Type.Optional(Type.Record(Type.String(), Type.String())),
    within: Type.Optional(Duration),
  },
  closed,
)

export type Start = Static<typeof Start>

export const Restart = Type.Object(
  {
    request: Type.Optional(Request),
    command: Type.Optional(Command),
    ready: Type.Optional(
      Type.String({
        description:
          'A path that answers 2xx when the server is ready again (default: that of start, or the port answers)',
      }),
    ),
    keeps: Type.Optional(
      Type.Boolean({ description: 'What was published before can still be had afterwards' }),
    ),
  },
  {
    ...closed,
    description:
      'How the server is restarted: by a request, by a command, or, with neither, as the process that start has begun',
  },
)

export type Restart = Static<typeof Restart>

export const Tls = Type.Object(
  {
    ca: Type.Optional(Type.String({ description: 'A file with the certificates to trust' })),
    insecure: Type.Optional(Type.Boolean({ description: 'Do not check the certificate' })),
    servername: Type.Optional(Type.String()),
  },
  closed,
)

export const TargetDescription = Type.Object(
  {
    target: Type.String({ description: 'The base URL: http, https, ws or wss' }),
    start: Type.Optional(Start),
    restart: Type.Optional(Restart),
    headers: Type.Optional(Headers),
    tls: Type.Optional(Tls),
    publish: Type.Optional(Publish),
    http: Type.Optional(Http),
    polling: Type.Optional(Polling),
    'long-polling': Type.Optional(LongPolling),
    sse: Type.Optional(ServerSentEvents),
    websocket: Type.Optional(WebSocketEndpoint),
    retains: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'How many updates of a channel are kept for clients that have not asked for them yet',
      }),
    ),
    sharedCursor: Type.Optional(
      Type.Boolean({
        description:
          'A position that a client got over one technique is good over every other one: cursor, last event ID, position of the WebSocket feed',
      }),
    ),
    within: Type.Optional(Duration),
    cors: Type.Optional(
      Type.Object(
        {
          origin: Type.String({ description: 'An origin whose pages may read: https://app.example' }),
          credentials: Credentials,
        },
        { ...closed, description: 'Pages of other origins may use the endpoints (Fetch, CORS protocol)' },
      ),
    ),
    allow: Type.Optional(
      Type.Record(Type.String(), Type.Literal('tolerate'), {
        description: 'Single, named relaxations: a requirement id, and "tolerate"',
      }),
    ),
  },
  { ...closed, $id: 'https://pushspec.dev/schema/target.schema.json', title: 'pushspec target description' },
)
export type TargetDescription = Static<typeof TargetDescription>
