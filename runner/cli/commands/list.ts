import type { Command } from 'commander'

import { forTerminal } from '../../text/escape.ts'
import { type Case, describeNeeds } from '../../chapters/chapter.ts'
import { loadCases, type SelectionSettings } from '../../library/cases.ts'
import type { DefineCommand } from './command.ts'
import { coverageTable } from '../coverage-table.ts'
import type { Io } from '../io.ts'
import { addSelectionOptions } from '../options.ts'

interface ListFlags extends SelectionSettings {
  readonly json?: boolean
  readonly coverage?: boolean
  readonly verbose?: boolean
}

/** One case as `list --json` shows it. */
function entry(one: Case): Record<string, unknown> {
  return {
    id: one.id,
    title: one.title,
    protocol: one.protocol,
    chapter: one.chapter.title,
    level: one.level,
    basis: one.basis,
    requirements: one.proves.map((requirement) => requirement.id),
    needs: one.needs,
    needsOfSome: one.needsOfSome,
    full: one.full,
    instances: one.instances.map((instance) => instance.name),
  }
}

function facts(one: Case): string {
  const described = describeNeeds(one)
  const needs = described === '' ? '' : `  needs ${described}`
  const count = one.instances.length
  const instances = count === 1 ? '' : `  ${count} instances`
  const full = one.full ? '  only with --full' : ''
  return `${one.level.padEnd(6)}  ${one.id}${needs}${instances}${full}`
}

function asText(cases: readonly Case[]): string {
  const lines = cases.flatMap((one) => [forTerminal(facts(one)), `        ${forTerminal(one.title)}`])
  return `${lines.join('\n')}\n`
}

async function list(flags: ListFlags, io: Io): Promise<number> {
  const cases = await loadCases(flags, io.cwd)
  if (flags.coverage === true) {
    io.stdout.write(await coverageTable(cases, flags))
    return 0
  }
  const text = flags.json === true ? `${JSON.stringify(cases.map(entry), undefined, 2)}\n` : asText(cases)
  io.stdout.write(text)
  return 0
}

export const defineList: DefineCommand = (program, { io, end }) => {
  const command: Command = program
    .command('list')
    .description('show the cases: level, address, needs, instances')
    .option('--json', 'print a JSON array')
    .option('--coverage', 'show instead how many requirements of each standard the cases cover')
    .option('--verbose', 'with --coverage: also list the open requirements')
  addSelectionOptions(command).action(async (flags: ListFlags) => end(await list(flags, io)))
}
