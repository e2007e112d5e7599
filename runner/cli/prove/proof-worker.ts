import type { Case } from '../../chapters/chapter.ts'
import type { VariantResults } from '../../prove/play/play-on-target.ts'
import { noFault, VariantPlayer } from '../../prove/play/variant-player.ts'
import { loadTarget } from '../../targets/load.ts'
import { faultNamed, freedomNamed } from '../play/faults.ts'

/** What a worker is started with. */
export interface WorkerSettings {
  /** The path of the description of the server. */
  readonly description: string
  readonly concurrency: number
  readonly slow: number
  readonly seed: string
}

/** Cases to play behind a variant, which is named because its functions cannot be sent. */
export interface Order {
  readonly number: number
  readonly kind: 'fault' | 'freedom'
  readonly variant: string
  readonly cases: readonly Case[]
  readonly slow: number | undefined
}

export interface Delivery {
  readonly number: number
  readonly results: VariantResults
}

const [, , given] = process.argv
if (given === undefined) throw new Error('proof-worker.ts is a process of the command "prove"')
const { description, ...settings } = JSON.parse(given) as WorkerSettings
const aborter = new AbortController()
const player = new VariantPlayer({
  ...settings,
  described: await loadTarget(description),
  signal: aborter.signal,
})

const variantOf = ({ kind, variant }: Order) =>
  kind === 'freedom' ? freedomNamed(variant) : variant === noFault.id ? noFault : faultNamed(variant)

// The command decides what an interruption means. Without the command that started it nobody wants the results.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
process.on('message', (message: Order | 'abort') => {
  if (message === 'abort') return aborter.abort()
  const { number, cases, slow } = message
  void player.play(variantOf(message), cases, slow).then((results) => {
    process.send?.({ number, results } satisfies Delivery)
  })
})
