const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 }

/** The milliseconds of a duration such as `400ms`, `25s` or `2m`. @throws {RangeError} for any other text */
export function milliseconds(text: string): number {
  if (text === '0') return 0
  const [, amount, unit] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m)$/.exec(text) ?? []
  const factor = units[unit ?? '']
  if (amount === undefined || factor === undefined)
    throw new RangeError(`"${text}" is not a duration such as 400ms, 25s or 2m`)
  return Number(amount) * factor
}
