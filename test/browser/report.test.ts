import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { html } from '../../runner/report/reporters/html.ts'
import type { Result } from '../../runner/run/result.ts'
import { run } from '../../runner/index.ts'
import { Kept, runEnd, runStart } from '../report/results.ts'
import { patienceMs } from './chromium.ts'
import { attack, hostileResults, hostileServer } from './hostile.ts'
import { Page } from './page.ts'

jest.setTimeout(patienceMs)

let folder = ''
const pages: Page[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pushspec-report-'))
})

afterAll(async () => {
  for (const page of pages) await page.close()
  await rm(folder, { recursive: true, force: true })
})

/** Opens the HTML report of some results from a file. */
async function reportOf(results: readonly Result[], target = 'the reference server'): Promise<Page> {
  const out = new Kept()
  const reporter = html.create(out, { verbose: false })
  reporter.start(runStart({ target, total: results.length }))
  for (const one of results) reporter.result(one)
  await reporter.end(runEnd())
  const file = join(folder, `report-${pages.length}.html`)
  await writeFile(file, out.text)
  const page = await Page.open(pathToFileURL(file).href)
  pages.push(page)
  return page
}

const played = async (settings: Parameters<typeof run>[0]): Promise<Result[]> => {
  const results: Result[] = []
  for await (const one of run(settings)) results.push(one)
  return results
}

/** The visible cases, and the number that the page shows. */
const shown = `document.querySelectorAll('details:not([hidden])').length`
const counted = `document.querySelector('output').value`
/** The focused element: its name and the beginning of its text. */
const focus = `document.activeElement.localName + ' ' + document.activeElement.textContent.slice(0, 4)`
const shots = process.env['SHOTS']

async function shoot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return
  for (const scheme of ['light', 'dark'] as const) {
    await page.look(scheme, 1200)
    await page.screenshot(join(shots, `${name}-${scheme}.png`))
    await page.look(scheme, 420)
    await page.screenshot(join(shots, `${name}-${scheme}-narrow.png`))
  }
}

describe('The HTML report in Chromium', () => {
  let whole: readonly Result[] = []

  beforeAll(async () => {
    whole = await played({})
  }, patienceMs)

  test('of a whole run is shown without errors, and is filtered and searched by keyboard', async () => {
    const page = await reportOf(whole)
    const skipped = whole.filter(({ verdict }) => verdict === 'skip').length
    expect(await page.evaluate(counted)).toBe(`${whole.length - skipped} of ${whole.length}`)
    await shoot(page, 'whole')

    await page.press('/')
    await page.type('ping-between-fragments')
    const found = whole.filter(({ id }) => id.endsWith('ping-between-fragments')).length
    expect(found).toBeGreaterThan(0)
    expect(await page.evaluate(shown)).toBe(found)
    expect(
      await page.evaluate(`document.querySelectorAll('section:not([hidden]) > h3').length`),
    ).toBeGreaterThan(0)

    await page.press('Escape')
    expect(await page.evaluate(shown)).toBe(whole.length - skipped)

    await page.evaluate(`document.querySelector('input[value=pass]').focus()`)
    await page.press(' ')
    const rest = whole.filter(({ verdict }) => verdict !== 'skip' && verdict !== 'pass').length
    expect(await page.evaluate(shown)).toBe(rest)
    expect(page.complaints).toEqual([])
  })

  test('expands a case to its exchange by keyboard', async () => {
    const page = await reportOf(whole)
    await page.press('j')
    await page.press('j')
    await page.press('k')
    expect(await page.evaluate(focus)).toBe('summary pass')
    expect(await page.evaluate(`document.querySelectorAll('details[open]').length`)).toBe(0)
    await page.press('Enter')
    const rows = `document.querySelectorAll('details[open] table.exchange tr').length`
    expect(await page.evaluate(rows)).toBeGreaterThan(1)
    const height = `document.querySelector('details[open] pre').getBoundingClientRect().height`
    expect(await page.evaluate(height)).toBeGreaterThan(0)
    await shoot(page, 'unfolded')
    expect(page.complaints).toEqual([])
  })

  test('executes no text of a hostile target', async () => {
    const { url, close } = await hostileServer()
    const description = join(folder, 'hostile.yaml')
    await writeFile(
      description,
      `target: ${url}\nhttp: { path: / }\nsse: { path: / }\nwebsocket: { path: / }\n`,
    )
    const results = await played({ target: description })
    close()
    expect(results.some(({ verdict }) => verdict === 'fail')).toBe(true)
    const page = await reportOf([...results, ...hostileResults()], attack)
    await page.evaluate(
      `for (const one of document.querySelectorAll('details')) { one.hidden = false; one.open = true }`,
    )
    expect(await page.evaluate(`document.body.innerText.includes('<img src=x onerror="hacked=4">')`)).toBe(
      true,
    )
    expect(await page.evaluate(`document.title`)).toContain('</title>')
    expect(await page.evaluate(`document.scripts.length`)).toBe(1)
    const live = `document.querySelectorAll('img, svg, iframe, [onerror], [onload], [onfocus], [href^="javascript"]').length`
    expect(await page.evaluate(live)).toBe(0)
    expect(await page.evaluate(`typeof hacked`)).toBe('undefined')
    expect(page.complaints).toEqual([])
    await shoot(page, 'hostile')

    // Anything that is not escaped would violate the policy of the page, which is reported.
    await page.evaluate(`new Promise((resolve) => {
      addEventListener('securitypolicyviolation', resolve, { once: true })
      document.body.insertAdjacentHTML('beforeend', '<button onclick="hacked=1">')
      document.body.lastChild.click()
    })`)
    expect(await page.evaluate(`typeof hacked`)).toBe('undefined')
    expect(page.complaints.join()).toContain('Content Security Policy')
  })

  test('is light or dark as the reader prefers, and readable in both', async () => {
    const page = await reportOf(whole.slice(0, 20))
    const colours = `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))`
    await page.look('light', 1200)
    const light = await page.evaluate<string[]>(colours)
    await page.look('dark', 1200)
    const dark = await page.evaluate<string[]>(colours)
    expect(brightness(light[1]) - brightness(light[0])).toBeGreaterThan(150)
    expect(brightness(dark[0]) - brightness(dark[1])).toBeGreaterThan(150)
  })

  test('does not scroll sideways on a small screen', async () => {
    const page = await reportOf([...whole.slice(0, 50), ...hostileResults()])
    await page.look('light', 360)
    await page.evaluate(
      `for (const one of document.querySelectorAll('details')) { one.hidden = false; one.open = true }`,
    )
    expect(await page.evaluate(`document.documentElement.scrollWidth`)).toBeLessThanOrEqual(360)
  })

  test('of thousands of cases can be searched like that of a few', async () => {
    const copies = Math.ceil(2000 / whole.length)
    const many = Array.from({ length: copies }, (_, copy) =>
      whole.map((one) => ({ ...one, instance: `${one.instance} copy-${copy}-of-all` })),
    ).flat()
    const page = await reportOf(many)
    expect(await page.evaluate(`document.querySelectorAll('details').length`)).toBe(many.length)
    await page.press('/')
    await page.type('WebSocket/ copy-1-of')
    const found = many.filter(
      ({ id, instance, verdict }) =>
        id.startsWith('websocket') && instance.endsWith('copy-1-of-all') && verdict !== 'skip',
    ).length
    expect(await page.evaluate(shown)).toBe(found)
    await shoot(page, 'many')
    expect(page.complaints).toEqual([])
  })
})

/** The mean of the three parts of a colour. */
const brightness = (colour = ''): number => {
  const parts = (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  return parts.reduce((sum, part) => sum + part, 0) / parts.length
}
