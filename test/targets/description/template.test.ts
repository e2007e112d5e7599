import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { HookFailed } from '../../../runner/targets/errors/hook-failed.ts'
import {
  environmentScope,
  expand,
  expandField,
  literal,
  namesIn,
  templateProblems,
} from '../../../runner/targets/description/template.ts'

describe('expand', () => {
  test('a value stays as it is in a body and is percent-encoded in a path', () => {
    expect(expand('a ${data} b', { data: '1 & 2' })).toBe('a 1 & 2 b')
    expect(expand('/x/${data}?y=${data}', { data: 'a/b &ü' }, 'path')).toBe(
      '/x/a%2Fb%20%26%C3%BC?y=a%2Fb%20%26%C3%BC',
    )
  })

  test('a form encodes a value once', () => {
    const scope = { data: 'a "b" ü' }
    expect(expand('${data:json}', scope)).toBe('"a \\"b\\" ü"')
    expect(expand('${data:url}', scope)).toBe('a%20%22b%22%20%C3%BC')
    expect(expand('${data:url}', scope, 'path')).toBe('a%20%22b%22%20%C3%BC')
    expect(expand('${data:base64}', scope)).toBe(Buffer.from('a "b" ü').toString('base64'))
    expect(expand('${data:base64}', { data: '>>>' }, 'path')).toBe('Pj4%2B')
  })

  test('a value that looks like a template is not expanded again', () => {
    expect(expand('${data}', { data: '${channel} $& $1', channel: 'c' })).toBe('${channel} $& $1')
  })

  test('$${ stands for ${', () => {
    expect(expand('$${data} ${data}', { data: 'x' })).toBe('${data} x')
  })

  test('names that objects have by nature are not values', () => {
    expect(() => expand('${constructor}', {})).toThrow(HookFailed)
  })

  test('a name without a value is a failure of the hook that says which', () => {
    expect(() => expand('${session}', { channel: 'c' })).toThrow('${session} has no value here')
  })

  test('half a surrogate pair cannot stand in a path', () => {
    expect(() => expand('/${data}', { data: '\ud800' }, 'path')).toThrow(HookFailed)
  })

  test('any text comes back from its literal template', () => {
    fc.assert(fc.property(fc.string(), (text) => expand(literal(text), {}) === text))
    expect(expand(literal('a ${b} $${c}'), {})).toBe('a ${b} $${c}')
  })

  test('any text comes back from the JSON, URL and base64 forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (data) => {
        expect(JSON.parse(expand('${data:json}', { data }))).toBe(data)
        expect(decodeURIComponent(expand('${data:url}', { data }))).toBe(data)
        expect(Buffer.from(expand('${data:base64}', { data }), 'base64').toString()).toBe(data)
      }),
    )
  })
})

describe('expandField', () => {
  test.each(['a\r\nx: y', 'a\nb', 'a\rb', 'a\0b'])('no header field is made with %j', (data) => {
    expect(() => expandField('x-data', 'v=${data}', { data })).toThrow(/x-data cannot hold CR, LF or NUL/)
  })

  test('a harmless value becomes a field', () => {
    expect(expandField('X-Data', 'v=${data}', { data: 'ok' })).toEqual(['X-Data', 'v=ok'])
  })
})

describe('templateProblems', () => {
  const env = environmentScope({ TOKEN: 't', UNSET: undefined })

  test('an unknown name comes with the nearest known one', () => {
    expect(templateProblems('/${chanel}', ['channel', 'nonce'], env)).toEqual([
      'unknown name ${chanel} (did you mean "channel"?)',
    ])
  })

  test('an unknown form comes with those that are known', () => {
    expect(templateProblems('${data:jsn}', ['data'], env)).toEqual([
      'unknown form "jsn" of ${data} (did you mean "json"?): json, url and base64 are known',
    ])
  })

  test('an environment variable must be set', () => {
    expect(templateProblems('${env.TOKEN}', [], env)).toEqual([])
    expect(templateProblems('${env.UNSET}', [], env)).toEqual(['the environment variable UNSET is not set'])
  })

  test('what is no name is said to be none', () => {
    expect(templateProblems('${a b}', [], env)).toEqual(['"${a b}" is not a name ($${ stands for ${ itself)'])
    expect(templateProblems('${json(data)}', ['data'], env)).toEqual([
      '"${json(data)}" is not a name: a form stands behind the name, ${name:json} ($${ stands for ${ itself)',
    ])
  })

  test('escaped names are no names', () => {
    expect(namesIn('$${a} ${b:json} ${b} ${env.C}')).toEqual(['b', 'env.C'])
  })
})
