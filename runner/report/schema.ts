import { type Static, Type } from '@sinclair/typebox'
import type { Action } from '../wire/transcript.ts'

/**
 * The JSON report. Within `pushspec/1` keys are only added: readers ignore keys that they do not know.
 * `summary` comes after `cases` because each case is written when it ends.
 */
const Count = Type.Integer({ minimum: 0 })
const Milliseconds = Type.Number({ minimum: 0, description: 'Milliseconds' })

const Act = Type.Union(
  ['open', 'ask', 'end', 'close', 'reset', 'pause', 'resume', 'aside', 'told'].map((act) =>
    Type.Literal(act as Action),
  ),
  {
    description:
      'What the kit did besides sending these bytes; ask: a request of the kit itself, for example of a hook',
  },
)

const Piece = Type.Object(
  {
    bytes: Type.String({ contentEncoding: 'base64' }),
    length: Type.Integer({ minimum: 0, description: 'The bytes are repeated up to this length' }),
  },
  { description: 'A part of what was sent' },
)

export const ReportEntry = Type.Object({
  at: Type.Number({ description: 'Milliseconds since the start of the case' }),
  actor: Type.String(),
  direction: Type.Union([Type.Literal('sent'), Type.Literal('received'), Type.Literal('note')]),
  what: Type.String(),
  bytes: Type.String({ contentEncoding: 'base64', description: 'The first bytes, base64' }),
  length: Type.Integer({ minimum: 0, description: 'Number of all bytes' }),
  connection: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Number of the connection within the case' }),
  ),
  act: Type.Optional(Act),
  url: Type.Optional(Type.String({ description: 'Scheme, host and port of the connection' })),
  answeredAt: Type.Optional(Type.Number({ description: 'For ask: time of the response, in milliseconds' })),
  chop: Type.Optional(
    Type.Integer({ minimum: 1, description: 'The bytes were sent in pieces of this size' }),
  ),
  pieces: Type.Optional(
    Type.Array(Piece, {
      description: 'For a finding: all bytes that were sent, if `bytes` has only the first',
    }),
  ),
})

export const ReportCase = Type.Object({
  id: Type.String({ description: 'Address of the case: protocol/chapter/case' }),
  instance: Type.String({ description: 'The parameters as text; empty for a case without vary' }),
  params: Type.Record(Type.String(), Type.Unknown()),
  title: Type.String(),
  chapter: Type.String({ description: 'Title of the chapter' }),
  protocol: Type.String(),
  level: Type.String({ description: 'MUST, SHOULD or MAY' }),
  basis: Type.Union([Type.Literal('standard'), Type.Literal('profile')]),
  requirements: Type.Array(Type.String(), { description: 'Ids; described in `requirements` of the report' }),
  verdict: Type.Union([
    Type.Literal('pass'),
    Type.Literal('fail'),
    Type.Literal('warn'),
    Type.Literal('skip'),
    Type.Literal('inconclusive'),
  ]),
  reason: Type.String({ description: 'The reason in one sentence; empty for a plain pass' }),
  expected: Type.String(),
  observed: Type.String(),
  step: Type.Optional(
    Type.Object(
      {
        index: Count,
        verb: Type.String(),
        at: Type.String({ description: 'file:line:column in the chapter' }),
      },
      { description: 'The step that decided the verdict' },
    ),
  ),
  enable: Type.String({
    description: 'For skip: the line of the target description that would enable the case',
  }),
  evidence: Type.Optional(
    Type.String({
      description:
        'For pass: what was received last before the deciding expectation was met; missing in reports of earlier versions',
    }),
  ),
  seenIn: Type.Optional(
    Type.String({ description: 'The instance that has seen the rule broken, if it was another one' }),
  ),
  known: Type.Optional(
    Type.String({ description: 'Why a baseline accepts the result, which then does not count' }),
  ),
  durationMs: Milliseconds,
  transcript: Type.Array(ReportEntry),
})
export type ReportEntry = Static<typeof ReportEntry>
export type ReportCase = Static<typeof ReportCase>

export const ReportRequirement = Type.Object({
  source: Type.String({ description: 'The name of the standard' }),
  section: Type.String(),
  level: Type.String(),
  text: Type.String(),
  url: Type.String(),
})
export type ReportRequirement = Static<typeof ReportRequirement>

const ReportOpening = Type.Object({
  line: Type.String({ description: 'A line of the target description' }),
  opens: Type.Integer({ minimum: 0, description: 'Instances that this line enables without others' }),
  helps: Type.Integer({ minimum: 0, description: 'Instances that need other lines too' }),
})

export const ReportOpenings = Type.Object(
  {
    selected: Type.Integer({ minimum: 0, description: 'Instances that were selected' }),
    concerned: Type.Integer({
      minimum: 0,
      description:
        'Instances about the endpoints of the target; instances that need another endpoint are left out',
    }),
    best: Type.Array(ReportOpening, { description: 'The few lines that enable most instances' }),
    together: Type.Integer({ minimum: 0, description: 'Instances that these lines enable together' }),
    all: Type.Array(ReportOpening, {
      description: 'Every line that enables an instance, also lines for other endpoints',
    }),
  },
  { description: 'Lines of the target description that would enable more of the selected cases' },
)

export const ReportSchema = Type.Object(
  {
    report: Type.Literal('pushspec/1'),
    target: Type.String(),
    took: Type.String({
      description: 'For a bare URL: the detected protocol; empty for a target description',
    }),
    startedAt: Type.String({ description: 'Date and time in UTC (RFC 3339)' }),
    kit: Type.Object({ version: Type.String() }),
    seed: Type.String({ description: 'The value of --seed that repeats the random choices of the run' }),
    total: Type.Integer({ minimum: 0, description: 'Number of results of an uninterrupted run' }),
    abilities: Type.Array(
      Type.Object({
        need: Type.String(),
        how: Type.Union([Type.Literal('declared'), Type.Literal('found'), Type.Literal('missing')]),
        enable: Type.String(),
      }),
      { description: 'The capabilities that cases may need, and whether the target has them' },
    ),
    openings: Type.Optional(ReportOpenings),
    cases: Type.Array(ReportCase),
    requirements: Type.Record(Type.String(), ReportRequirement, {
      description: 'The requirements of the cases of the run, by id',
    }),
    summary: Type.Object({ pass: Count, fail: Count, warn: Count, skip: Count, inconclusive: Count }),
    durationMs: Milliseconds,
    interrupted: Type.Boolean({ description: 'The run ended before all of its cases were played' }),
    exitCode: Count,
  },
  { $id: 'https://pushspec.dev/schema/report.schema.json', title: 'pushspec report' },
)
export type Report = Static<typeof ReportSchema>

/**
 * The lines before and after the cases in the text of a report; each case is one line. This layout allows reading a
 * truncated report.
 */
export const casesStart = '"cases":['
export const casesEnd = '],'
