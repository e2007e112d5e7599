import type { HeaderList } from '../headers.ts'
import type { Report } from '../finding.ts'

/** Checks the Upgrade field of a response (RFC 9110 sections 7.8 and 15.5.22). */
export function checkUpgradeFields(
  { status, headers }: { readonly status: number; readonly headers: HeaderList },
  report: Report,
): void {
  const names = headers.list('upgrade')
  if (names.length === 0 && status === 101) report('http-101-names-protocol', 'a 101 has no Upgrade field')
  if (names.length === 0 && status === 426) report('http-426-names-protocol', 'a 426 has no Upgrade field')
  const options = headers.list('connection').map((option) => option.toLowerCase())
  if (headers.has('upgrade') && !options.includes('upgrade'))
    report(
      'http-upgrade-connection-option',
      `a ${status} has Upgrade: ${names.join(', ')}, and Connection lists ${options.join(', ') || 'nothing'}`,
    )
}
