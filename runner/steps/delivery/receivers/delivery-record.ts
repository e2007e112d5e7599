import { ChangeNotifier } from '../../../wire/change-notifier.ts'

/** What one client has got and should have got; a client that goes on from there keeps it. */
export class Ledger {
  readonly channel: string
  /** What was published since the client was there, in the order of publication. */
  readonly owed: string[] = []
  readonly received: string[] = []
  readonly changes = new ChangeNotifier()
  readonly #marks = new Set<string>()
  readonly #isForeign: (text: string) => boolean
  #begun = false
  /** Why nothing comes any more, though the client did not leave. */
  ended: string | undefined

  /** Marks that came more than once. */
  marksAgain = 0

  /** @param isForeign whether a text comes from another case, on a channel that both see */
  constructor(channel: string, isForeign: (text: string) => boolean) {
    this.channel = channel
    this.#isForeign = isForeign
  }

  /** What comes before the first mark was there before the client was. */
  take(text: string): void {
    if (this.#isForeign(text)) return
    if (isMark(text)) {
      if (this.#marks.has(text)) this.marksAgain++
      this.#marks.add(text)
      this.#begun = true
    } else if (this.#begun) this.received.push(text)
    if (this.received.length + this.marksAgain > this.owed.length + mostTooMany)
      this.end('far more came than was published')
    this.changes.notify()
  }

  has(mark: string): boolean {
    return this.#marks.has(mark)
  }

  end(why: string): void {
    this.ended ??= why
    this.changes.notify()
  }

  get isComplete(): boolean {
    return this.received.length >= this.owed.length
  }
}

/** A server that repeats for ever is not listened to for ever. */
const mostTooMany = 1000

/** The kit's own updates: they show that a client listens, and that nothing else is on its way. */
export const markText = (nonce: string, number: number): string => `mark ${number} of ${nonce}`
const isMark = (text: string): boolean => /^mark [0-9]+ of [0-9a-f]{12}$/.test(text)
