// Plays the chapter websocket/closing against a server, prints the failures, and stops after a minute.
// node examples/library.mjs [ws://127.0.0.1:9000/echo]; without a URL, the bundled reference server is tested.
import process from 'node:process'
import { exitCode, run, Tally } from 'pushspec'

const [target] = process.argv.slice(2)
const tally = new Tally()
const results = run({
  ...(target === undefined ? {} : { target }),
  only: ['websocket/closing'],
  signal: AbortSignal.timeout(60_000),
})
for await (const result of results) {
  tally.add(result)
  if (result.verdict === 'fail') console.log(`${result.id} ${result.instance}: ${result.reason}`)
}
console.log(tally.summary)
process.exitCode = exitCode(tally.summary, { strict: false })
