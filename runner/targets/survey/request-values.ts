import type { HeaderList } from '../../wire/headers.ts'
import type { TargetDescription } from '../description/schema.ts'

/** What one address turned out to be, in the words of the target description. */
export interface Survey {
  readonly description: Omit<TargetDescription, 'target'>
  /** Sentences: what was seen, and what cannot be seen from outside. */
  readonly seen: readonly string[]
}

/** What names and channels are filled in with. */
export const surveyScope = { channel: 'pushspec-survey', nonce: 'survey' }

/** A page that is not from here, to see whether it would be let in (Fetch, CORS protocol). */
export const foreignOrigin = ['origin', 'https://pushspec.invalid'] as const

/** Whether a page of any origin may read this answer. */
export const letsAnyoneRead = (headers: HeaderList): boolean =>
  ['*', foreignOrigin[1]].includes(headers.get('access-control-allow-origin') ?? '')
