import { Type } from '@sinclair/typebox'
import { referenceDescription } from '../../runner/package/paths.ts'
import type { Case, Step } from '../../runner/chapters/chapter.ts'
import type { Requirement } from '../../runner/chapters/register/requirement.ts'
import type { Play } from '../../runner/steps/stage/play.ts'
import type { Outcome } from '../../runner/steps/language/outcome.ts'
import { type Verb, verb } from '../../runner/steps/language/verb.ts'
import { loadTarget } from '../../runner/targets/load.ts'

const place = { file: 'drafts.yaml', line: 1, column: 1 }

/** A verb without arguments that receives a byte and only does this. */
export const verbThat = (
  name: string,
  run: (args: unknown, play: Play) => Outcome | Promise<Outcome>,
): Verb =>
  verb({
    name,
    about: name,
    expects: true,
    schema: Type.Object({}),
    run: (args, play) => {
      play.transcript.add('target', 'received', 'a byte', Buffer.from('.'))
      return run(args, play)
    },
    draw: () => [],
  })

const requirement = (id: string): Requirement => ({
  id,
  protocol: 'http',
  source: 'RFC 0000',
  section: '1',
  level: 'MUST',
  text: 'A rule.',
  url: '',
})

export interface CaseDraft {
  readonly id?: string
  readonly steps?: readonly Partial<Step>[]
  readonly instances?: readonly string[]
  readonly alone?: boolean
  readonly level?: Case['level']
  readonly needs?: readonly string[]
}

/** A case as loading would make it. */
export function caseOf(draft: CaseDraft = {}): Case {
  const { id = 'case', alone = false, level = 'MUST', instances = [''], steps = [], needs = [] } = draft
  const all = steps.map((step, index): Step => ({
    verb: 'none',
    args: {},
    given: false,
    place,
    index,
    ...step,
  }))
  return {
    id: `http/drafts/${id}`,
    chapter: { title: 'Drafts', protocol: 'http', file: 'drafts.yaml', about: '', address: 'http/drafts' },
    protocol: 'http',
    title: 'It holds',
    about: '',
    proves: [requirement('a-rule')],
    level,
    basis: 'standard',
    needs,
    needsOfSome: [],
    alone,
    full: false,
    place,
    instances: instances.map((name) => ({ name, params: {}, also: [], proves: [], needs: [], steps: all })),
  }
}

/** A target that nobody has to answer for: the verbs of these tests do not talk to it. */
export const anyTarget = () => loadTarget(referenceDescription)
