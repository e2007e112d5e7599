// npx vitest run --dir examples/vitest
import process from 'node:process'
import { conformance } from 'pushspec/jest'
import { afterAll, describe, test } from 'vitest'

await conformance({ target: process.env.TARGET, only: ['websocket/closing'], describe, test, afterAll })
