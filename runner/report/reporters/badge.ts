import { htmlEscape } from 'escape-goat'

import { exits, Tally } from '../summary.ts'
import type { ReporterFactory } from '../reporter.ts'

/** Approximate width of a character in the font of the badge, in pixels. */
const characterWidth = 6.7
const padding = 12

const colours: Readonly<Record<number, string>> = { [exits.ok]: '#17703a', [exits.failed]: '#b3261e' }

/** A badge for a README: how many of the judged cases passed. */
function svg(label: string, value: string, colour: string): string {
  const [left, right] = [label, value].map((part) => Math.round(part.length * characterWidth) + padding) as [
    number,
    number,
  ]
  const title = htmlEscape(`${label}: ${value}`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}"><title>${title}</title>
<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#444"/><rect x="${left}" width="${right}" height="20" fill="${colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,sans-serif" font-size="11">
<text x="${left / 2}" y="14">${htmlEscape(label)}</text><text x="${left + right / 2}" y="14">${htmlEscape(value)}</text></g></svg>
`
}

export const badge: ReporterFactory = {
  name: 'badge',
  about: 'an SVG badge: how many of the judged cases passed',
  create(out) {
    const tally = new Tally()
    return {
      start: () => undefined,
      result: (result) => tally.add(result),
      end: ({ exitCode }) => {
        const { pass, fail, warn, inconclusive } = tally.summary
        out.write(
          svg(
            'pushspec',
            `${pass}/${pass + fail + warn + inconclusive} pass`,
            colours[exitCode] ?? '#8a5a00',
          ),
        )
      },
    }
  },
}
