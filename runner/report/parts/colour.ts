import type pico from 'picocolors'

/** Functions that colour a text, or return it unchanged if colours are off. */
export type Colors = ReturnType<typeof pico.createColors>

/**
 * Whether to use colours: never with `--no-color`, NO_COLOR (no-color.org) or a dumb terminal; with
 * FORCE_COLOR also when piped, except for FORCE_COLOR=0; else only on a terminal.
 */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
  flag: boolean,
): boolean {
  const force = env['FORCE_COLOR']
  if (!flag || (env['NO_COLOR'] ?? '') !== '' || force === '0' || force === 'false') return false
  return force !== undefined || (isTTY && env['TERM'] !== 'dumb')
}
