import { type Static, Type } from '@sinclair/typebox'
import type { Action } from '../wire/transcript.ts'

/**
 * The JSON report. It grows by addition within `pushspec/1`: readers ignore keys they do not know.
 * `summary` comes after `cases`, because cases are written as they end; what explains them comes before.
 */
const Count = Type.Integer({ minimum: 0 })
const Milliseconds = Type.Number({ minimum: 0, description: 'Milliseconds' })

const Act = Type.Union(
  ['open', 'ask', 'end', 'close', 'reset', 'pause', 'resume', 'aside'].map((act) =>
    Type.Literal(act as Action),
  ),
  {
    description:
      'What the kit did other than to send these bytes; ask: a request of its own, as a hook makes it',
  },
)

const Piece = Type.Object(
  {
    bytes: Type.String({ contentEncoding: 'base64' }),
    length: Type.Integer({ minimum: 0, description: 'The bytes repeat until there are so many' }),
  },
  { description: 'A part of what was sent' },
)

export const ReportEntry = Type.Object({
  at: Type.Number({ description: 'Milliseconds since the start of the case' }),
  actor: Type.String(),
  direction: Type.Union([Type.Literal('sent'), Type.Literal('received'), Type.Literal('note')]),
  what: Type.String(),
  bytes: Type.String({ contentEncoding: 'base64', description: 'The first bytes, base64' }),
  length: Type.Integer({ minimum: 0, description: 'How many bytes there were' }),
  connection: Type.Optional(Type.Integer({ minimum: 1, description: 'Its number within the case' })),
  act: Type.Optional(Act),
  url: Type.Optional(Type.String({ description: 'Scheme, host and port that were connected to' })),
  answeredAt: Type.Optional(
    Type.Number({ description: 'For ask: when the answer was there, in milliseconds' }),
  ),
  chop: Type.Optional(Type.Integer({ minimum: 1, description: 'It was sent in pieces of so many bytes' })),
  pieces: Type.Optional(
    Type.Array(Piece, { description: 'For a finding: all of what was sent, where bytes are only the first' }),
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
  requirements: Type.Array(Type.String(), { description: 'Ids; described under requirements of the report' }),
  verdict: Type.Union([
    Type.Literal('pass'),
    Type.Literal('fail'),
    Type.Literal('warn'),
    Type.Literal('skip'),
    Type.Literal('inconclusive'),
  ]),
  reason: Type.String({ description: 'Why, in one sentence; empty for a plain pass' }),
  expected: Type.String(),
  observed: Type.String(),
  step: Type.Optional(
    Type.Object(
      {
        index: Count,
        verb: Type.String(),
        at: Type.String({ description: 'file:line:column in the chapter' }),
      },
      { description: 'The step that decided' },
    ),
  ),
  enable: Type.String({
    description: 'For skip: the line of the target description that would enable the case',
  }),
  known: Type.Optional(Type.String({ description: 'Why a baseline accepts it: it does not count' })),
  durationMs: Milliseconds,
  transcript: Type.Array(ReportEntry),
})
export type ReportEntry = Static<typeof ReportEntry>
export type ReportCase = Static<typeof ReportCase>

export const ReportRequirement = Type.Object({
  source: Type.String({ description: 'The standard, as it names itself' }),
  section: Type.String(),
  level: Type.String(),
  text: Type.String(),
  url: Type.String(),
})
export type ReportRequirement = Static<typeof ReportRequirement>

const ReportOpening = Type.Object({
  line: Type.String({ description: 'A line of the target description' }),
  opens: Type.Integer({ minimum: 0, description: 'Instances that it opens alone' }),
  helps: Type.Integer({ minimum: 0, description: 'Instances that want other lines besides' }),
})

export const ReportOpenings = Type.Object(
  {
    selected: Type.Integer({ minimum: 0, description: 'Instances that were selected' }),
    concerned: Type.Integer({
      minimum: 0,
      description: 'Instances about what the target has: those that want another endpoint are left out',
    }),
    best: Type.Array(ReportOpening, { description: 'The few lines that open most of them' }),
    together: Type.Integer({ minimum: 0, description: 'Instances that those lines open together' }),
    all: Type.Array(ReportOpening, { description: 'Every line that opens something, also other endpoints' }),
  },
  { description: 'What more of the selected cases could be judged' },
)

export const ReportSchema = Type.Object(
  {
    report: Type.Literal('pushspec/1'),
    target: Type.String(),
    took: Type.String({ description: 'What a bare URL was taken for; empty when a description said it' }),
    startedAt: Type.String({ description: 'Date and time in UTC (RFC 3339)' }),
    kit: Type.Object({ version: Type.String() }),
    seed: Type.String({ description: 'What --seed takes to make the same random choices again' }),
    total: Type.Integer({ minimum: 0, description: 'Results that an uninterrupted run gives' }),
    abilities: Type.Array(
      Type.Object({
        need: Type.String(),
        how: Type.Union([Type.Literal('declared'), Type.Literal('found'), Type.Literal('missing')]),
        enable: Type.String(),
      }),
      { description: 'What cases may need, and whether the target has it' },
    ),
    openings: Type.Optional(ReportOpenings),
    cases: Type.Array(ReportCase),
    requirements: Type.Record(Type.String(), ReportRequirement, {
      description: 'The requirements that the cases of the run name, by id',
    }),
    summary: Type.Object({ pass: Count, fail: Count, warn: Count, skip: Count, inconclusive: Count }),
    durationMs: Milliseconds,
    interrupted: Type.Boolean({ description: 'The run ended before all its cases were played' }),
    exitCode: Count,
  },
  { $id: 'https://pushspec.dev/schema/report.schema.json', title: 'pushspec report' },
)
export type Report = Static<typeof ReportSchema>

/**
 * The lines before and after the cases in the text of a report, one case a line between them. They make a report
 * that was cut off readable.
 */
export const casesStart = '"cases":['
export const casesEnd = '],'
