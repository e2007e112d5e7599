// Mistakes that a server of the greeting protocol can make, inserted between it and the client.

/** What the server sends as text, changed. @type {(change: (text: string) => string) => import('pushspec/faults').Fault['connection']} */
const sending = (change) => () => ({
  fromServer: (frame) =>
    frame.opcode === 1
      ? [{ opcode: 1, payload: Buffer.from(change(Buffer.from(frame.payload).toString())) }]
      : [frame],
})

/** @type {import('pushspec/faults').Fault[]} */
export default [
  {
    id: 'welcomes-nobody',
    about: 'WELCOME is sent without the name.',
    breaks: ['greeting-welcome'],
    touches: ['websocket'],
    connection: sending((text) => (text.startsWith('WELCOME') ? 'WELCOME' : text)),
  },
  {
    id: 'hides-errors',
    about: 'The response to an unknown word is OK.',
    breaks: ['greeting-unknown'],
    touches: ['websocket'],
    connection: sending((text) => (text.startsWith('ERROR') ? 'OK' : text)),
  },
]
