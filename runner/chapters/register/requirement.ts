import { Type } from '@sinclair/typebox'

/** One rule of a standard, in our own words. */
export interface Requirement {
  readonly id: string
  readonly protocol: string
  /** The name of the standard: `RFC 6455`. */
  readonly source: string
  readonly section: string
  /** The keyword of the source, or RULE, DEFINITION, ISSUE, EXPECTED (see specs/requirements/README.md). */
  readonly level: string
  readonly text: string
  /** A link to the section; empty if there is none. */
  readonly url: string
}

/** A requirement with its notes on testing. */
export interface RegisterEntry extends Requirement {
  /** `yes`, `publish-hook`, `echo`, or `no: ` and the reason. */
  readonly testable: string
  /** How a test from outside could look. */
  readonly sketch: string
  /** Why the requirement is not tested, or is treated differently than expected. */
  readonly reason: string | undefined
  /** The product whose protocol this is: the requirement binds only targets that declare this dialect. */
  readonly dialect: string | undefined
}

/** The keywords of sources, by the level of a case. */
export const levels = {
  MUST: ['MUST', 'MUST NOT', 'RULE', 'EXPECTED', 'DEFINITION'],
  SHOULD: ['SHOULD', 'SHOULD NOT', 'RECOMMENDED', 'ISSUE'],
  MAY: ['MAY'],
} as const

/** Keywords of rules that describe or expect behaviour, but do not bind a server. */
export const profileLevels: readonly string[] = ['EXPECTED', 'DEFINITION', 'ISSUE']

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1 })
const httpsOnly = '^https://'

export const RequirementRow = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z0-9]+([.-][a-z0-9]+)*$',
      description: 'A name in small letters, digits and single hyphens',
    }),
    protocol: Type.Union(
      [
        'http',
        'polling',
        'long-polling',
        'sse',
        'websocket',
        'permessage-deflate',
        'websocket-h2',
        'delivery',
      ].map((name) => Type.Literal(name)),
    ),
    source: Type.Optional(Type.String({ minLength: 1, description: 'Replaces the standard of the file' })),
    section: Text,
    level: Type.Union(Object.values(levels).flatMap((names) => names.map((name) => Type.Literal(name)))),
    text: Type.String({ minLength: 1, description: 'The rule in our own words' }),
    testable: Type.String({
      pattern: '^(yes|publish-hook|echo|no: .+)$',
      description: 'What a test needs: yes, publish-hook, echo, or no: and the reason',
    }),
    sketch: Type.String({ minLength: 1, description: 'How a test from outside could look' }),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Why it is not tested, or treated differently than expected',
      }),
    ),
  },
  closed,
)

/** A file of the register: one standard. */
export const RequirementFile = Type.Object(
  {
    standard: Type.String({ minLength: 1, description: 'The name of the standard: RFC 6455' }),
    url: Type.Optional(
      Type.String({
        pattern: httpsOnly,
        description: 'A link; {section} is replaced with the number of the section',
      }),
    ),
    links: Type.Optional(
      Type.Record(Type.String(), Type.String({ pattern: httpsOnly, description: 'A link: https://…' }), {
        description: 'Links for words in the text of a section; the first word found decides',
      }),
    ),
    dialect: Type.Optional(
      Type.String({ description: 'The product, if this is the protocol of a single product' }),
    ),
    about: Text,
    requirements: Type.Array(RequirementRow, { minItems: 1 }),
  },
  { ...closed, $id: 'https://pushspec.dev/schema/requirements.schema.json', title: 'pushspec requirements' },
)
