import type { Result } from '../../run/result.ts'
import { chapterAddress } from '../result-text.ts'
import { Tally } from '../summary.ts'

/** Protocols in the order of the documentation, by the first part of an address. */
const protocolOrder = ['http', 'polling', 'long-polling', 'server-sent-events', 'websocket', 'delivery']

const headings: Readonly<Record<string, string>> = {
  http: 'HTTP',
  polling: 'Polling',
  'long-polling': 'Long-polling',
  'server-sent-events': 'Server-Sent Events',
  websocket: 'WebSocket',
  delivery: 'Delivery',
}

/** The lines of one result; items are sorted by address, not by time. */
export interface ChapterItem {
  readonly key: string
  readonly lines: readonly string[]
  /** Items of one kind are nearly equal; all but the first can be shown as `short`. */
  readonly kind?: string
  readonly short?: readonly string[]
  /** The reason, if the result could not be judged. */
  readonly unjudged?: string
}

/** Counts and items of one chapter. */
export class ChapterResults {
  readonly tally = new Tally()
  readonly folder: string
  readonly address: string
  readonly title: string
  readonly #items: ChapterItem[] = []

  constructor(folder: string, address: string, title: string) {
    this.folder = folder
    this.address = address
    this.title = title
  }

  add(item: ChapterItem): void {
    this.#items.push(item)
  }

  get items(): ChapterItem[] {
    return this.#items.toSorted((one, other) => compareNaturally(one.key, other.key))
  }
}

/** `size=9` comes before `size=10`. */
const collator = new Intl.Collator('en', { numeric: true })
const compareNaturally = (one: string, other: string): number => collator.compare(one, other)

function rank(folder: string): number {
  const place = protocolOrder.indexOf(folder)
  return place < 0 ? protocolOrder.length : place
}

/** Compares addresses by the order of the documentation. */
export const inDocumentOrder = (one: string, other: string): number =>
  rank(folderOf(one)) - rank(folderOf(other)) || compareNaturally(one, other)

const folderOf = (address: string): string => address.split('/')[0] ?? ''

/** Results grouped by chapter; they may be added in any order. */
export class Chapters {
  readonly #byAddress = new Map<string, ChapterResults>()

  of(result: Pick<Result, 'id' | 'chapter'>): ChapterResults {
    const address = chapterAddress(result)
    const known = this.#byAddress.get(address)
    if (known !== undefined) return known
    const chapter = new ChapterResults(folderOf(address), address, result.chapter)
    this.#byAddress.set(address, chapter)
    return chapter
  }

  /** Chapters in the order of the documentation, each group under the heading of its protocol. */
  inOrder(): { heading: string; chapters: ChapterResults[] }[] {
    const sorted = [...this.#byAddress.values()].toSorted((one, other) =>
      inDocumentOrder(one.address, other.address),
    )
    const groups = new Map<string, ChapterResults[]>()
    for (const chapter of sorted) groups.set(chapter.folder, [...(groups.get(chapter.folder) ?? []), chapter])
    return [...groups].map(([folder, chapters]) => ({ heading: headings[folder] ?? folder, chapters }))
  }
}
