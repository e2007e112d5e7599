import { type Static, Type } from '@sinclair/typebox'
import { closed, Duration, Headers, Path, Request, Setup } from './common-schema.ts'
import { Credentials, Ending, Http, LongPolling, Polling } from './polling-schema.ts'
import { ServerSentEvents, WebSocketEndpoint } from './stream-schema.ts'

export {
  type CursorPart,
  From,
  Into,
  type RequestTemplate,
  type SetupStep,
  type UpdateShape,
} from './common-schema.ts'

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
        description:
          'A path that responds with 2xx when the server is ready (default: the port accepts connections)',
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
          'A path that responds with 2xx when the server is ready again (default: that of `start`, or the port accepts connections)',
      }),
    ),
    keeps: Type.Optional(
      Type.Boolean({
        description: 'Updates that were published before the restart are still available afterwards',
      }),
    ),
  },
  {
    ...closed,
    description:
      'How the server is restarted: by a request, by a command, or, with neither, by restarting the process of `start`',
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

/**
 * The target description: how to reach the server under test, which of the behaviours that the standards
 * leave open it chose, and how to make it publish. One source for the type and for the JSON Schema.
 */
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
        description: 'How many updates of a channel are kept for clients that have not received them yet',
      }),
    ),
    sharedCursor: Type.Optional(
      Type.Boolean({
        description:
          'A position that a client received over one technique can be used over every other one: cursor, last event ID, position of the WebSocket feed',
      }),
    ),
    within: Type.Optional(Duration),
    cors: Type.Optional(
      Type.Object(
        {
          origin: Type.String({
            description: 'An origin whose pages may read the responses, such as https://app.example',
          }),
          credentials: Credentials,
          exposes: Type.Optional(
            Type.Array(Type.String(), {
              description: 'Header fields of the responses to polls that pages may read, such as ETag',
            }),
          ),
          accepts: Type.Optional(
            Type.Array(Type.String(), {
              description: 'Header fields that pages may send with polls, such as If-None-Match',
            }),
          ),
        },
        { ...closed, description: 'Pages of other origins may use the endpoints (Fetch, CORS protocol)' },
      ),
    ),
    allow: Type.Optional(
      Type.Record(Type.String(), Type.Literal('tolerate'), {
        description: 'Requirements whose violation gives only a warning: an id, and "tolerate"',
      }),
    ),
  },
  { ...closed, $id: 'https://pushspec.dev/schema/target.schema.json', title: 'pushspec target description' },
)
export type TargetDescription = Static<typeof TargetDescription>

/** The described end of a hold without an update; undefined if a hold never ends, or its end is not described. */
export const endingOf = ({ 'long-polling': polls }: TargetDescription): Static<typeof Ending> | undefined =>
  polls?.timeout === 'never' ? undefined : polls?.timeout
