import type { HeaderList } from '../../wire/headers.ts'

/** The values for templates in the requests of a survey. */
export const surveyScope = { channel: 'pushspec-survey', nonce: 'survey' }

/** The Origin field of a page of another origin, to see whether it gets access (Fetch, CORS protocol). */
export const foreignOrigin = ['origin', 'https://pushspec.invalid'] as const

/** Whether a page of any origin may read this response. */
export const letsAnyoneRead = (headers: HeaderList): boolean =>
  ['*', foreignOrigin[1]].includes(headers.get('access-control-allow-origin') ?? '')
