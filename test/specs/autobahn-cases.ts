/**
 * Each of the 517 ids was compared with the sources of Autobahn: `autobahntestsuite/case/*.py` with the lists in its
 * generators, and `sendFrame`, `sendMessage`, `sendData`, `sendCloseFrame` and the streaming methods of its protocol.
 * The instances send the same frames, with the same opcodes, bits and payloads, divided into the same fragments and
 * writes; `empty-end` is the empty fragment with which its `sendMessage` ends a message whose length is a multiple of
 * the fragment size. They differ on purpose in what follows.
 *
 * What is sent:
 *
 * - All: after the response that it expects, Autobahn sends a Close with 1000 and judges how the connection ends.
 *   Here other cases do that, and an instance ends with the response, except in 2.7, 2.8 and 7.
 * - 5.6 to 5.8: Autobahn sends the last fragment right behind the ping; the case waits for the pong first.
 * - 5.19 and 5.20: Autobahn waits a second before the third fragment; the case waits for the first pong.
 * - 6.4: Autobahn waits a second before the second part and another one before the rest. The case sends the second
 *   part at once, and the rest after 150 ms and several pings on another connection.
 * - 7.1.1: the case sends its Close only after the echo; if none comes in a second, Autobahn fails the connection.
 * - 9.7 and 9.8: with a slow target the case stops after 60 s; Autobahn allows up to 480 s.
 * - 12 and 13: the messages are generated content of the same kinds, types and sizes, not the files of Autobahn.
 *   Their size is in bytes; later versions of Autobahn count the characters of a text. With a slow target the case
 *   stops after 10 s; Autobahn allows 60 s to 480 s. No empty fragment follows a compressed length that is a multiple
 *   of the fragment size. If the target declines the offer, the messages are sent uncompressed; Autobahn sends none.
 * - 13.3, 13.5 and 13.7: the window is that of later versions, 512 bytes. Earlier ones asked for 256, with which zlib
 *   cannot compress.
 *
 * What is expected:
 *
 * - All: the time for a response is that of the target description or of the case. Pings and unsolicited pongs are
 *   ignored, and in 7.1.3 the pong too; in Autobahn any further event is a deviation.
 * - All failures: a close code that does not fit gives a warning, and one that shows that the target has not noticed
 *   the violation is a failure. In 7, Autobahn treats each other code as a failure.
 * - 2.10 and 2.11: only the pong for the last ping is required; Autobahn requires all ten.
 * - 3.2 to 3.4, 4.1.3 to 4.1.5, 4.2.3 to 4.2.5 and 5.15: the echo before the failure may be missing. Autobahn grades
 *   that as not strict, and in 6.4 also a failure that comes only when the message is complete.
 * - 7.1 to 7.7: the response to a valid Close may have any code that states no failure; Autobahn wants 1000, in 7.7
 *   also the code of the request. 7.1.5: a target that does not accept text may close with 1003.
 * - 7.1.6 and 7.13: Autobahn only informs. The case requires a Close in 7.1.6, and the end of the connection in 7.13.
 * - 7.9.3 and 7.9.6 to 7.9.9: a code that is reserved for later definition need not be refused.
 * - 9: the echo must equal the message; Autobahn compares only its type and its length.
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
