import { textOrEmpty } from '../../documents/type-guards.ts'

/** A section that names an RFC itself: `RFC 9110 8.4`. */
const namedRfc = /^RFC (\d+) (\d+(?:\.\d+)*)/
/** The section number without the step of an algorithm: `4.2.2` of `4.2.2(5.1)`. */
const sectionNumber = /^\d+(?:\.\d+)*/
/** An issue of a public project, such as `owner/project#61`. */
const issueReference = /\b([\w.-]+\/[\w.-]+)#(\d+)/

/**
 * The link to a section: the link of its first word in `links`, else of the RFC or issue that it names, else
 * the template with the number of the section.
 *
 * @param template a link that may contain `{section}`; empty if there is none
 * @param links links by word
 */
export function sectionLink(
  section: string,
  template: string,
  links: Readonly<Record<string, unknown>>,
): string {
  return linkOfWord(section, links) ?? linkInside(section) ?? fromTemplate(section, template)
}

function linkOfWord(section: string, links: Readonly<Record<string, unknown>>): string | undefined {
  const found = Object.keys(links)
    .map((word) => ({ word, at: indexOfWord(section, word) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at || b.word.length - a.word.length)[0]
  return found && textOrEmpty(links[found.word])
}

/** The index of a whole word, or -1 (`9.2.10` does not contain `9.2.1`). */
function indexOfWord(text: string, word: string): number {
  const pattern = word.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
  return text.search(new RegExp(String.raw`(?<![\w.])${pattern}(?!\w|\.\d)`, 'i'))
}

function linkInside(section: string): string | undefined {
  const [, rfc, number] = namedRfc.exec(section) ?? []
  if (rfc !== undefined) return `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${number}`
  const [, project, issue] = issueReference.exec(section) ?? []
  return project === undefined ? undefined : `https://github.com/${project}/issues/${issue}`
}

function fromTemplate(section: string, template: string): string {
  if (!template.includes('{section}')) return template
  const number = sectionNumber.exec(section)?.[0]
  return number === undefined ? template.replace(/#.*$/, '') : template.replaceAll('{section}', number)
}
