import type { Output, RunEnd, RunStart } from '../../runner/report/reporter.ts'
import type { Result, Verdict } from '../../runner/run/result.ts'
import type { Requirement } from '../../runner/chapters/register/requirement.ts'
import type { Entry } from '../../runner/wire/transcript.ts'

/** An output that keeps its text. */
export class Kept implements Output {
  text = ''
  writes = 0
  readonly isTTY: boolean
  readonly colour: boolean
  readonly columns = 100

  constructor(options: { isTTY?: boolean; colour?: boolean } = {}) {
    this.isTTY = options.isTTY ?? false
    this.colour = options.colour ?? false
  }

  write(text: string): void {
    this.text += text
    this.writes++
  }
}

export const requirement: Requirement = {
  id: 'ws-pong-answers-ping',
  protocol: 'websocket',
  source: 'RFC 6455',
  section: '5.5.2',
  level: 'MUST',
  text: 'A ping is answered with a pong.',
  url: 'https://www.rfc-editor.org/rfc/rfc6455#section-5.5.2',
}

export function entry(what: string, bytes: string | Uint8Array = '', more: Partial<Entry> = {}): Entry {
  const kept = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
  return { at: 1.5, actor: 'peer', direction: 'received', what, bytes: kept, length: kept.length, ...more }
}

export function result(verdict: Verdict, more: Partial<Result> = {}): Result {
  return {
    id: 'websocket/fragmentation/ping-between-fragments',
    instance: '',
    params: {},
    title: 'A ping between two fragments gets its pong before the message is complete',
    chapter: 'Fragmentation',
    protocol: 'websocket',
    level: 'MUST',
    basis: 'standard',
    requirements: [requirement],
    verdict,
    reason: verdict === 'pass' ? '' : 'no pong came',
    expected: verdict === 'fail' ? 'a pong with "p"' : '',
    observed: verdict === 'fail' ? 'a close frame' : '',
    step:
      verdict === 'fail'
        ? { index: 3, verb: 'receive', at: 'specs/websocket/fragmentation.yaml:12:7' }
        : undefined,
    enable: '',
    evidence: '',
    durationMs: 12,
    transcript: [],
    ...more,
  }
}

export function runStart(more: Partial<RunStart> = {}): RunStart {
  return {
    target: 'ws://127.0.0.1:9000/echo',
    took: '',
    total: 1,
    version: '1.2.3',
    startedAt: new Date(0),
    seed: '7',
    abilities: [],
    requirements: [requirement],
    ...more,
  }
}

export const runEnd = (more: Partial<RunEnd> = {}): RunEnd => ({
  durationMs: 1234,
  interrupted: false,
  exitCode: 0,
  ...more,
})
