// node --test examples/node-test
import process from 'node:process'
import { after, describe, test } from 'node:test'
import { conformance } from 'pushspec/jest'

await conformance({
  target: process.env.TARGET,
  only: ['websocket/closing'],
  describe,
  test,
  afterAll: after,
})
