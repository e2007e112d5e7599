import type { HeaderList } from '../../wire/headers.ts'

/** What names and channels are filled in with. */
export const surveyScope = { channel: 'pushspec-survey', nonce: 'survey' }

/** A page that is not from here, to see whether it would be let in (Fetch, CORS protocol). */
export const foreignOrigin = ['origin', 'https://pushspec.invalid'] as const

/** Whether a page of any origin may read this answer. */
export const letsAnyoneRead = (headers: HeaderList): boolean =>
  ['*', foreignOrigin[1]].includes(headers.get('access-control-allow-origin') ?? '')
