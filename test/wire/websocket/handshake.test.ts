import { describe, expect, test } from '@jest/globals'
import { parseExtensions } from '../../../runner/wire/websocket/extensions.ts'
import { agreedDeflate, checkDeflateResponse } from '../../../runner/wire/websocket/deflate-negotiation.ts'
import { acceptKey, checkHandshakeResponse, newKey } from '../../../runner/wire/websocket/handshake.ts'
import { HeaderList } from '../../../runner/wire/headers.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
type Fields = [string, string][]
const right: Fields = [
  ['upgrade', 'WebSocket'],
  ['connection', 'keep-alive, Upgrade'],
  ['sec-websocket-accept', 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='],
]

interface HandshakeResponse {
  readonly status?: number
  readonly without?: string
  readonly fields?: Fields
  readonly subprotocols?: string[]
  readonly extensions?: string[]
}

function rulesOf({
  status = 101,
  without,
  fields = [],
  subprotocols = [],
  extensions = [],
}: HandshakeResponse): string[] {
  const headers = new HeaderList([...right.filter(([name]) => name !== without), ...fields])
  const offer = { key, offeredSubprotocols: subprotocols, offeredExtensions: extensions }
  return checkHandshakeResponse({ status, headers }, offer).map(({ rule }) => rule)
}

const protocol = (...values: string[]): Fields => values.map((value) => ['Sec-WebSocket-Protocol', value])
const extension = (...values: string[]): Fields => values.map((value) => ['Sec-WebSocket-Extensions', value])

const deflateRules = (response: string, offer: string): string[] =>
  checkDeflateResponse(parseExtensions(response) ?? [], parseExtensions(offer) ?? []).map(({ rule }) => rule)

describe('the response to a handshake', () => {
  test('the example of RFC 6455 section 1.3 is correct', () => {
    expect(acceptKey(key)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
    expect(rulesOf({})).toEqual([])
  })

  test('a new key is 16 bytes in base64, and depends on the seed', () => {
    const made = [1, 2, 1].map((seed) => newKey(Uint8Array.of(seed)))
    expect(Buffer.from(made[0] ?? '', 'base64')).toHaveLength(16)
    expect(made[2]).toBe(made[0])
    expect(made[1]).not.toBe(made[0])
  })

  const offered = { subprotocols: ['chat.v1', 'chat.v2'] }
  const deflate = { extensions: ['permessage-deflate; client_max_window_bits'] }
  test.each<[string, HandshakeResponse, string[]]>([
    ['another status', { status: 200 }, ['ws-hs-101']],
    ['no Upgrade', { without: 'upgrade' }, ['ws-hs-upgrade-value']],
    ['two protocols in Upgrade', { fields: [['upgrade', 'h2c']] }, ['ws-hs-upgrade-value']],
    ['no Connection', { without: 'connection' }, ['ws-hs-connection-value']],
    ['no accept value', { without: 'sec-websocket-accept' }, ['ws-hs-key-hash']],
    ['the accept value twice', { fields: right.slice(2) }, ['ws-hs-accept-once']],
    ['a subprotocol from the offer', { ...offered, fields: protocol('chat.v2') }, []],
    ['another subprotocol', { ...offered, fields: protocol('other') }, ['ws-hs-subproto-from-offer']],
    [
      'a subprotocol in other case',
      { ...offered, fields: protocol('Chat.v2') },
      ['ws-hs-subproto-from-offer', 'ws-hs-subproto-exact'],
    ],
    ['a subprotocol without offer', { fields: protocol('chat.v1') }, ['ws-hs-subproto-none-offered']],
    ['an empty subprotocol', { ...offered, fields: protocol('') }, ['ws-hs-subproto-no-agreement']],
    ['two subprotocols', { ...offered, fields: protocol('chat.v1, chat.v2') }, ['ws-hs-subproto-single']],
    [
      'two subprotocol lines',
      { ...offered, fields: protocol('chat.v1', 'chat.v2') },
      ['ws-hs-subproto-single'],
    ],
    ['an offered extension', { ...deflate, fields: extension('permessage-deflate') }, []],
    ['an extension without offer', { fields: extension('x') }, ['ws-hs-ext-from-offer']],
    [
      'unreadable extensions',
      { ...deflate, fields: extension('permessage-deflate;;') },
      ['ws-hs-ext-from-offer'],
    ],
    ['an empty extension field', { ...deflate, fields: extension('') }, ['ws-hs-ext-not-empty']],
    [
      'two extension lines',
      { extensions: ['a', 'b'], fields: extension('a', 'b') },
      ['ws-hs-ext-once-in-response'],
    ],
    ['a body', { fields: [['Content-Length', '5']] }, ['ws-hs-no-body-on-101']],
    ['a coded body', { fields: [['Transfer-Encoding', 'chunked']] }, ['ws-hs-no-body-on-101']],
    ['no body', { fields: [['Content-Length', '0']] }, []],
  ])('%s', (_, response, rules) => {
    expect(rulesOf(response)).toEqual(rules)
  })
})

describe('the extension grammar of RFC 6455 section 9.1', () => {
  test('names, parameters, quoted values and empty list members are parsed', () => {
    expect(parseExtensions('a; b ;c=1, , d;e="f\\g" ')).toEqual([
      {
        name: 'a',
        params: [
          ['b', true],
          ['c', '1'],
        ],
      },
      { name: 'd', params: [['e', 'fg']] },
    ])
  })

  test.each([
    '',
    ' , ',
    'a b',
    'a;',
    'a;b=',
    'a;=c',
    'a=b',
    'a;b="c d"',
    'a;b="c',
    'a;b=""',
    'a;b=c=d',
    'a"b"',
    'ä',
    'a;b c',
  ])('%j breaks it', (text) => {
    expect(parseExtensions(text)).toBeUndefined()
  })
})

describe('the response to an offer of permessage-deflate', () => {
  const name = 'permessage-deflate'

  test.each<[string, string, string[]]>([
    ['', '', []],
    ['; server_no_context_takeover; client_no_context_takeover', '', []],
    ['; server_max_window_bits=10', '', []],
    ['; x=1', '', ['pmd-response-known-params']],
    ['; server_no_context_takeover; server_no_context_takeover', '', ['pmd-response-no-duplicates']],
    ['; server_no_context_takeover=1', '', ['pmd-response-valid-values', 'pmd-snct-no-value']],
    ['; client_no_context_takeover=1', '', ['pmd-response-valid-values', 'pmd-cnct-no-value']],
    ['; server_max_window_bits=08', '', ['pmd-response-valid-values', 'pmd-smwb-format']],
    [
      '; client_max_window_bits',
      '; client_max_window_bits',
      ['pmd-response-valid-values', 'pmd-cmwb-format'],
    ],
    ['', '; server_no_context_takeover', ['pmd-snct-acknowledged']],
    ['', '; server_max_window_bits=10', ['pmd-smwb-acknowledged']],
    ['; server_max_window_bits=11', '; server_max_window_bits=10', ['pmd-smwb-acknowledged']],
    ['; server_max_window_bits=9', '; server_max_window_bits=10', []],
    ['', '; server_max_window_bits', []],
    ['', '; server_max_window_bits=16', []],
    ['', '; server_no_context_takeover=1', []],
    ['; client_max_window_bits=10', '', ['pmd-cmwb-only-if-offered']],
    ['; client_max_window_bits=10', '; client_max_window_bits=9', []],
    ['; client_max_window_bits=10', '; client_max_window_bits', []],
    ['', `; server_max_window_bits=10, ${name}`, []],
    [`, ${name}`, '', ['pmd-one-element']],
  ])('"%s" to "%s"', (response, offer, broken) => {
    expect(deflateRules(name + response, name + offer)).toEqual(broken)
  })

  test('it determines the options of both sides', () => {
    const [{ params } = { params: [] }] =
      parseExtensions(`${name}; server_max_window_bits=10; client_no_context_takeover`) ?? []
    expect(agreedDeflate(params)).toEqual({
      server: { windowBits: 10, noContextTakeover: false },
      client: { windowBits: 15, noContextTakeover: true },
    })
  })
})
