import { describe, expect, test } from '@jest/globals'

import { Interruption } from '../../runner/cli/interruption.ts'
import { Console } from './console.ts'

describe('an interruption', () => {
  test.each(['SIGINT', 'SIGTERM'])('follows %s', async (name) => {
    const { signals, ...console } = new Console()
    const stop = new Interruption({ ...console, signals })
    signals.emit(name)
    await stop.wait()
    expect([stop.signal.aborted, stop.status]).toEqual([true, 'interrupted'])
  })

  test('leaves a second signal to the process', () => {
    const console = new Console()
    const stop = new Interruption(console)
    console.signals.emit('SIGINT')
    expect(console.signals.listenerCount('SIGINT')).toBe(0)
    expect(stop.status).toBe('interrupted')
  })

  test('follows the time-out', async () => {
    const stop = new Interruption(new Console(), 1)
    await stop.wait()
    expect(stop.status).toBe('timed out')
  })

  test('that never happens leaves no listener', () => {
    const console = new Console()
    const stop = new Interruption(console, 60_000)
    stop.dispose()
    expect(console.signals.eventNames()).toEqual([])
    expect(stop.status).toBe('complete')
  })
})
