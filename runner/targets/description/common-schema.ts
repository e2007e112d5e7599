import { type Static, Type } from '@sinclair/typebox'

export const closed = { additionalProperties: false } as const

/** A duration as people write it: `400ms`, `25s`, `2m`. */
export const Duration = Type.String({
  pattern: '^(0|[0-9]+(\\.[0-9]+)?(ms|s|m))$',
  description: 'A duration: 400ms, 25s, 2m',
})

export const Headers = Type.Record(Type.String(), Type.String(), { description: 'Header fields to send' })
export const Path = Type.String({
  description:
    'A path (with query) on the target, or a whole URL; ${channel} stands for the channel of the instance, ${client} for one of its clients',
})
export const Pointer = Type.String({
  pattern: '^(/.*)?$',
  description: 'A JSON Pointer (RFC 6901) into the body; a * stands for every member of an array',
})
export const Status = Type.Integer({ minimum: 100, maximum: 599 })
export const Statuses = Type.Union([Status, Type.Array(Status, { minItems: 1 })])

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

/** How a client requests a time-out. */
export const wish = {
  unit: Type.Union([Type.Literal('s'), Type.Literal('ms')]),
  as: Type.Optional(
    Type.String({
      description: 'How the number is written, such as ${time}s or wait=${time} (default: the number alone)',
    }),
  ),
}

/** One part of a cursor; an entity tag and a date are two parts. */
export const cursorShape = {
  from: From,
  send: Into,
  first: Type.Optional(
    Type.String({
      description: 'What the first request sends; ${name} stands for a captured value of the setup',
    }),
  ),
}
export const CursorPart = Type.Object(cursorShape, closed)

export type CursorPart = Static<typeof CursorPart>

export const Refused = Type.Optional(
  Type.Object(
    { path: Path, headers: Type.Optional(Headers) },
    { ...closed, description: 'A request that the target refuses because of missing or wrong credentials' },
  ),
)

/** Where the updates of a response, an event or a message are; by default, the whole content is one update. */
export const UpdateShape = Type.Object(
  {
    split: Type.Optional(Type.String({ description: 'The text between the packets of one body' })),
    prefix: Type.Optional(
      Type.String({ description: 'Only packets with this prefix contain updates; the prefix is removed' }),
    ),
    percent: Type.Optional(
      Type.Boolean({ description: 'Characters may be percent-encoded: %0A stands for a line feed' }),
    ),
    json: Type.Optional(Pointer),
  },
  closed,
)

export type UpdateShape = Static<typeof UpdateShape>

export const requestWhich = (description?: string) =>
  Type.Object(
    {
      method: Type.Optional(Type.String({ default: 'GET' })),
      path: Path,
      headers: Type.Optional(Headers),
      body: Type.Optional(Type.String()),
    },
    description === undefined ? closed : { ...closed, description },
  )

export const Request = requestWhich()

export type RequestTemplate = Static<typeof Request>

export const SetupStep = Type.Object(
  { request: Request, capture: Type.Optional(Type.Record(Type.String(), From)) },
  closed,
)
export type SetupStep = Static<typeof SetupStep>

export const Setup = Type.Array(SetupStep, {
  description:
    'Requests that open a session, sent before the first request of each client; ${name} then stands for a captured value',
})
