/**
 * Characters that a terminal executes or hides instead of showing them: controls (C0, DEL, C1), format characters
 * (bidi controls, zero-width, tags), line and paragraph separators, lone surrogates.
 */
const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const named: Readonly<Record<string, string>> = {
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return (
    named[character] ??
    (code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`)
  )
}

/** `text` on one line, with every character that could control a terminal written as an escape. */
export function forTerminal(text: string): string {
  return text.replaceAll(unshowable, escaped)
}

/** The same for text of several lines: line feeds are kept. */
export function linesForTerminal(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => forTerminal(line))
    .join('\n')
}

/** `text`; if it has more than `most` UTF-16 units, its beginning and its length. */
export function truncate(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length} characters)`
}
