// With jest (as ES modules): node --experimental-vm-modules node_modules/jest/bin/jest.js
// Each instance of each case becomes a test. Without `target`, the bundled reference server is tested.
import process from 'node:process'
import { conformance } from 'pushspec/jest'

await conformance({ target: process.env.TARGET, only: ['websocket/closing'] })
