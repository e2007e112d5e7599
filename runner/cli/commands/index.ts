import type { DefineCommand } from './command.ts'
import { defineCompletion } from './completion.ts'
import { defineDiff } from './diff.ts'
import { defineExplain } from './explain.ts'
import { defineInit } from './init.ts'
import { defineList } from './list.ts'
import { defineMatrix } from './matrix.ts'
import { defineMerge } from './merge.ts'
import { defineProve } from './prove.ts'
import { defineRun } from './run.ts'
import { defineServe } from './serve.ts'

/** Every command; a new one needs a file and an entry here. */
export const commands: readonly DefineCommand[] = [
  defineRun,
  defineInit,
  defineList,
  defineServe,
  defineProve,
  defineExplain,
  defineMerge,
  defineDiff,
  defineMatrix,
  defineCompletion,
]
