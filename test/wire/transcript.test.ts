import { describe, expect, test } from '@jest/globals'
import { leftOutNote, mostEntryBytes, Transcript } from '../../runner/wire/transcript.ts'

describe('a transcript', () => {
  test('keeps the beginning of long bytes and their length', () => {
    const transcript = new Transcript()
    transcript.add('client', 'received', 'much', Buffer.alloc(mostEntryBytes + 1, 'a'))
    expect(transcript.entries).toMatchObject([{ length: mostEntryBytes + 1 }])
    expect(transcript.entries[0]?.bytes).toHaveLength(mostEntryBytes)
  })

  test('does not grow with repeated sending', () => {
    const transcript = new Transcript()
    const bytes = Buffer.from(Array.from({ length: 128 * 1024 }, (_, index) => (index * index) % 251))
    for (let count = 0; count < 500; count++) transcript.add('client', 'sent', 'a message', bytes)
    const kept = transcript.entries.reduce((sum, one) => sum + one.bytes.length, 0)
    expect(kept).toBeLessThan(1024 * 1024)
    expect(transcript.entries.at(-1)).toMatchObject({ length: bytes.length })
    expect(Buffer.from(transcript.entries.at(-1)?.bytes ?? [])).toEqual(bytes.subarray(0, 64))
  })

  test('ends with a note if it was cut', () => {
    const transcript = new Transcript(performance.now(), 3)
    for (let count = 0; count < 5; count++) transcript.add('client', 'note', `note ${count}`)
    expect(transcript.entries.map(({ what }) => what)).toEqual(['note 0', 'note 1', leftOutNote])
  })
})
