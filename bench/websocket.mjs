// Measures how long the cases that correspond to Autobahn's categories 1 to 7 and 10 take, with a server that conforms and
// with one that hangs after each violation. Run it after `npm run build`.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { loadCases, loadTarget } from '../dist/runner/index.js'
import { run } from '../dist/runner/run/run.js'

const categories = /^autobahn ([1-7]|10)\./

/** The cases, with only the instances that correspond to these categories. */
async function autobahnCases() {
  const cases = await loadCases({ only: ['websocket'] })
  return cases
    .map((entry) => ({
      ...entry,
      instances: entry.instances.filter(({ also }) => also.some((id) => categories.test(id))),
    }))
    .filter(({ instances, full }) => instances.length > 0 && !full)
}

async function startServer(name) {
  const child = fork(new URL('servers.mjs', import.meta.url), [name], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const [port] = await once(child.stdout, 'data')
  return { child, port: Number(String(port)) }
}

async function play(target, cases) {
  const from = performance.now()
  const verdicts = {}
  let summed = 0
  for await (const { verdict, durationMs } of run({ target, cases })) {
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
    summed += durationMs
  }
  return { wall: performance.now() - from, summed, verdicts }
}

const cases = await autobahnCases()
const count = cases.reduce((sum, { instances }) => sum + instances.length, 0)
process.stdout.write(`${count} instances correspond to Autobahn's categories 1 to 7 and 10\n`)
for (const name of ['ws', 'hanging']) {
  const { child, port } = await startServer(name)
  const described = await loadTarget(`http://127.0.0.1:${port}`)
  const websocket = { path: '/', echo: true, maxMessage: 32 * 1024 * 1024 }
  const target = described.as({ websocket }, '')
  const { wall, summed, verdicts } = await play(target, cases)
  const counts = Object.entries(verdicts).map(([verdict, times]) => `${times} ${verdict}`)
  process.stdout.write(
    `${name.padEnd(8)} ${(wall / 1000).toFixed(2)} s wall, ${(summed / wall).toFixed(1)} waits at a time, ${(wall / count).toFixed(2)} ms an instance: ${counts.join(', ')}\n`,
  )
  await target.close()
  child.disconnect()
}
