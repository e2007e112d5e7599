import { UnknownActor } from '../steps/stage/actor.ts'
import { TooManySockets } from '../steps/stage/connections.ts'
import { HookFailed } from '../targets/errors/hook-failed.ts'
import { NotAsDescribed } from '../targets/errors/not-as-described.ts'

/** Errors that prevent a judgement and are not defects of the kit. */
export const isInability = (error: unknown): error is Error =>
  error instanceof HookFailed ||
  error instanceof UnknownActor ||
  error instanceof TooManySockets ||
  error instanceof NotAsDescribed
