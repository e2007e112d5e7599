import { folderWith } from '../chapters/chapters.ts'
import { editResponses, withoutFields } from '../../fixtures/proxy/http-edits.ts'
import type { Fault } from '../../fixtures/proxy/variant.ts'
import { referenceDescription, requirementsFolder } from '../../runner/package/paths.ts'
import type { Proof } from '../../runner/prove/play/proof.ts'
import type { ProveOptions } from '../../runner/prove/play/options.ts'
import { prove } from '../../runner/prove/prove.ts'
import type { Case } from '../../runner/chapters/chapter.ts'
import { loadChapters } from '../../runner/chapters/load.ts'
import { loadRegister } from '../../runner/chapters/register/register.ts'
import { verbs } from '../../runner/steps/index.ts'
import type { Verb } from '../../runner/steps/language/verb.ts'
import { loadTarget } from '../../runner/targets/load.ts'
import { needs } from '../../runner/targets/description/needs.ts'

// Read once for all tests of a file.
const registered = loadRegister(requirementsFolder)
const described = loadTarget(referenceDescription)

/** A case as a chapter writes it. */
export interface Draft {
  readonly id: string
  readonly title: string
  readonly proves: readonly string[]
  readonly needs: readonly string[]
  readonly vary?: unknown
  readonly steps: readonly object[]
}

const request = { request: { to: 'http' } }
const dated = { response: { headers: { Date: { matches: 'GMT$' } } } }

/** A case that is right, and the fault that proves it. */
export const dateIsSent: Draft = {
  id: 'date-is-sent',
  title: 'An answer says when it was made',
  proves: ['http-date-present'],
  needs: ['http'],
  steps: [request, dated],
}

/** A case about something else. */
export const answers: Draft = {
  id: 'answers',
  title: 'A GET is answered',
  proves: ['http-length-correct'],
  needs: ['http'],
  steps: [request, { response: {} }],
}

export const hasNoDate: Fault = {
  id: 'has-no-date',
  about: 'Answers do not say when they were made.',
  breaks: ['http-date-present'],
  touches: ['http'],
  connection: editResponses('any', (response) => ({
    ...response,
    headers: withoutFields(response.headers, 'date'),
  })),
}

export const cutsShort: Fault = {
  id: 'cuts-short',
  about: 'The content ends before its length.',
  breaks: ['http-length-correct'],
  touches: ['http'],
  collateral: [{ cases: ['http/'], because: 'nothing is complete any more' }],
  connection: editResponses('any', () => ({
    bytes: Buffer.from(
      'HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 9\r\n\r\n1',
    ),
  })),
}

export async function casesOf(drafts: readonly Draft[], withVerbs: readonly Verb[] = verbs): Promise<Case[]> {
  const chapter = { chapter: 'Drafts', protocol: 'http', about: 'Cases under test.', cases: drafts }
  const folder = await folderWith({ 'http/drafts.yaml': JSON.stringify(chapter) })
  const register = await registered
  const chapters = await loadChapters([folder], { verbs: withVerbs, needs, register })
  return chapters.flatMap(({ cases }) => cases)
}

export async function proveOptions(
  drafts: readonly Draft[],
  faults: readonly Fault[],
  more: Partial<ProveOptions> = {},
): Promise<ProveOptions> {
  return {
    cases: await casesOf(drafts, more.verbs),
    faults,
    freedoms: [],
    verbs,
    described: await described,
    requirements: new Set((await registered).ids),
    concurrency: 16,
    slow: 0.1,
    seed: 'test',
    signal: new AbortController().signal,
    sample: 12,
    atOnce: 4,
    onProgress: () => undefined,
    ...more,
  }
}

/** The matrix of these cases and faults. */
export const proved = async (
  drafts: readonly Draft[],
  faults: readonly Fault[],
  more: Partial<ProveOptions> = {},
): Promise<Proof> => prove(await proveOptions(drafts, faults, more))
