/**
 * Every case was compared with the sources of Autobahn (`autobahntestsuite/case/*.py`, and `sendMessage` of its
 * protocol). The instances send the same frames with the same payloads in the same cuts, except for these:
 *
 * - 2.1 to 2.11, 5.6 to 5.8, 5.19 and 5.20: where Autobahn waits a second or not at all, the case waits for the pong.
 * - 6.3.2: Autobahn sends an empty last fragment too; the connection has failed before.
 * - 7.1.1: Autobahn sends its Close after the echo or after a second; the case sends it after the echo.
 * - 12 and 13: the messages are generated content of the same kinds and sizes, not the files of Autobahn. The window of
 *   512 bytes is that of its later versions; earlier ones asked for 256, which zlib cannot do.
 *
 * Its `sendMessage` ends a message whose length is a multiple of the fragment size with an empty fragment (`empty-end`).
 */

/** How many active cases each group of the Autobahn test suite has, category by category; groups count from 1. */
export const caseCounts: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '1': { '1.1': 8, '1.2': 8 },
  '2': { '2': 11 },
  '3': { '3': 7 },
  '4': { '4.1': 5, '4.2': 5 },
  '5': { '5': 20 },
  '6': {
    '6.1': 3,
    '6.2': 4,
    '6.3': 2,
    '6.4': 4,
    '6.5': 5,
    '6.6': 11,
    '6.7': 4,
    '6.8': 2,
    '6.9': 4,
    '6.10': 3,
    '6.11': 5,
    '6.12': 8,
    '6.13': 5,
    '6.14': 10,
    '6.15': 1,
    '6.16': 3,
    '6.17': 5,
    '6.18': 5,
    '6.19': 5,
    '6.20': 7,
    '6.21': 8,
    '6.22': 34,
    '6.23': 7,
  },
  '7': { '7.1': 6, '7.3': 6, '7.5': 1, '7.7': 13, '7.9': 9, '7.13': 2 },
  '9': { '9.1': 6, '9.2': 6, '9.3': 9, '9.4': 9, '9.5': 6, '9.6': 6, '9.7': 6, '9.8': 6 },
  '10': { '10.1': 1 },
  '12': { '12.1': 18, '12.2': 18, '12.3': 18, '12.4': 18, '12.5': 18 },
  '13': { '13.1': 18, '13.2': 18, '13.3': 18, '13.4': 18, '13.5': 18, '13.6': 18, '13.7': 18 },
}
