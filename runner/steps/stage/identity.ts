import { createHash } from 'node:crypto'
import type { Scope } from '../../targets/description/template.ts'

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The nonce and the channel of one instance, and the names and masking keys derived from them; no other instance uses them. */
export class Identity {
  /** 12 hexadecimal digits, contained in every update of the case. */
  readonly nonce: string
  readonly channel: string
  #clients = 0
  #masks = 0

  /** @param seed the same seed, case and instance give the same nonce */
  constructor(seed: string, caseId: string, instance: string) {
    this.nonce = sha256(`${seed} ${caseId} ${instance}`).toString('hex').slice(0, 12)
    this.channel = `pushspec-${this.nonce}`
  }

  /** A second channel that no other case uses. */
  get otherChannel(): string {
    return `${this.channel}-other`
  }

  /** Values for the templates of the target description. */
  scope(extra: Scope = {}): Scope {
    return { channel: this.channel, nonce: this.nonce, ...extra }
  }

  /** The name of a client, different each time. */
  nextClient(): string {
    return `${this.nonce}-${++this.#clients}`
  }

  /** A masking key, different each time; it need not be unpredictable here (RFC 6455 section 5.3). */
  nextMask(): Uint8Array {
    return sha256(`${this.nonce} ${this.#masks++}`).subarray(0, 4)
  }
}
