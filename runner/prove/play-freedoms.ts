import { createHash } from 'node:crypto'
import type { Freedom } from '../../fixtures/proxy/variant.ts'
import type { Case } from '../chapters/chapter.ts'
import { forEachConcurrently } from './play/concurrently.ts'
import type { Matrix } from './play/matrix.ts'
import type { FalseAlarm } from './play/proof.ts'
import { casesTouched, withInstances } from './play/select-cases.ts'

/**
 * Plays every case that a freedom touches behind it, one instance of each: none may fail or warn. Another freedom gets
 * another instance. What fails is played once more, alone.
 */
export async function playEachFreedom(matrix: Matrix): Promise<void> {
  const { cases, freedoms, atOnce, signal, onProgress } = matrix.options
  let done = 0
  const doubtful: { freedom: Freedom; alarmed: Case[] }[] = []
  await forEachConcurrently(freedoms, atOnce, signal, async (freedom) => {
    const touched = casesTouched(cases, freedom).map((entry) => oneInstance(entry, freedom))
    const alarms = await falseAlarmsBehind(freedom, touched, matrix)
    if (alarms.length > 0) doubtful.push({ freedom, alarmed: instancesOf(cases, alarms) })
    onProgress(++done, freedoms.length, freedom.id)
  })
  for (const [index, { freedom, alarmed }] of doubtful.entries()) {
    if (signal.aborted) return
    matrix.falseAlarms.push(...(await falseAlarmsBehind(freedom, alarmed, matrix)))
    onProgress(index + 1, doubtful.length, `${freedom.id}, once more`)
  }
}

async function falseAlarmsBehind(
  freedom: Freedom,
  cases: readonly Case[],
  matrix: Matrix,
): Promise<FalseAlarm[]> {
  const results = await matrix.results(freedom, cases, 1)
  return results.flatMap(({ id, instance, verdict, reason }): FalseAlarm[] =>
    verdict === 'fail' || verdict === 'warn'
      ? [{ freedom: freedom.id, case: id, instance, verdict, reason }]
      : [],
  )
}

/** An instance of the case, which depends only on the names of both. */
function oneInstance(entry: Case, { id }: Freedom): Case {
  const [first = 0, second = 0] = createHash('sha256').update(`${id} ${entry.id}`).digest()
  const chosen = (first * 256 + second) % entry.instances.length
  return withInstances(entry, (_instance, index) => index === chosen)
}

/** The instances with a false alarm. */
const instancesOf = (cases: readonly Case[], alarmed: readonly FalseAlarm[]): Case[] =>
  cases.flatMap((entry) => {
    const names = alarmed.filter((one) => one.case === entry.id).map(({ instance }) => instance)
    return names.length === 0 ? [] : [withInstances(entry, ({ name }) => names.includes(name))]
  })
