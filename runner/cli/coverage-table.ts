import { freedoms } from '../../fixtures/freedoms/index.ts'
import { forTerminal } from '../text/escape.ts'
import type { Case } from '../chapters/chapter.ts'
import { coverageOf, type StandardCoverage } from '../chapters/coverage.ts'
import { loadRegister } from '../chapters/register/register.ts'
import { requirementsFolder } from '../package/paths.ts'

/** How many requirements of each standard the cases cover, as text or JSON. */
export async function coverageTable(
  cases: readonly Case[],
  { json = false, verbose = false }: { json?: boolean; verbose?: boolean },
): Promise<string> {
  const standards = coverageOf((await loadRegister(requirementsFolder)).all, cases, freedoms)
  if (json) return `${JSON.stringify(standards.map(entry), undefined, 2)}\n`
  return `${lines(standards, verbose).map(forTerminal).join('\n')}\n`
}

const entry = ({ open, ...one }: StandardCoverage): Record<string, unknown> => ({
  ...one,
  open: open.map(({ id, level, section, text }) => ({ id, level, section, text })),
})

function lines(standards: readonly StandardCoverage[], verbose: boolean): string[] {
  const width = Math.max(...standards.map(({ source }) => source.length))
  const heading = `${'standard'.padEnd(width)}  covered / testable / all   with a reason   open`
  const rows = standards.flatMap((one) => [
    `${one.source.padEnd(width)}  ${counts(one)}`,
    ...(verbose ? one.open.map(({ id, level, text }) => `    ${level.padEnd(11)}  ${id}: ${text}`) : []),
  ])
  const sum = (size: (one: StandardCoverage) => number): number =>
    standards.reduce((all, one) => all + size(one), 0)
  const all = `${'all'.padEnd(width)}  ${columns(
    sum(({ covered }) => covered.length),
    sum(({ testable }) => testable),
    sum(({ total }) => total),
    sum(({ reasoned }) => reasoned.length),
    sum(({ open }) => open.length),
  )}`
  return [heading, ...rows, all]
}

const counts = ({ covered, testable, total, reasoned, open }: StandardCoverage): string =>
  columns(covered.length, testable, total, reasoned.length, open.length)

const columns = (covered: number, testable: number, total: number, reasoned: number, open: number): string =>
  [
    `${String(covered).padStart(7)} / ${String(testable).padStart(8)} / ${String(total).padStart(3)}`,
    String(reasoned).padStart(13),
    String(open).padStart(4),
  ].join('   ')
