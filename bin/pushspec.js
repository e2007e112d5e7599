#!/usr/bin/env node
import process from 'node:process'

import { main } from '../dist/runner/main.js'

// A reader that has gone (`pushspec list | head`) must not change the verdict of a run.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
  })

process.exitCode = await main(process.argv.slice(2))
