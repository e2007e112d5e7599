/** Light and dark colour scheme, without external fonts or images. */
export const style = `
:root { color-scheme: light dark; --fg: #1c1e21; --bg: #fff; --soft: #667; --line: #d6d9de; --panel: #f6f7f9;
  --pass: #17703a; --fail: #b3261e; --warn: #8a5a00; --inconclusive: #6b3fa0; --skip: #667; }
@media (prefers-color-scheme: dark) { :root { --fg: #e4e6ea; --bg: #16181c; --soft: #9aa; --line: #34383f; --panel: #1e2126;
  --pass: #63c98b; --fail: #ff8a80; --warn: #e5b45a; --inconclusive: #c3a1f0; --skip: #9aa; } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--fg); background: var(--bg) }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem } h3, h4 { font-size: 1rem; margin: 1rem 0 .3rem } h3 .soft { font-weight: normal }
h1, h2, h3, p, summary { overflow-wrap: anywhere }
p { margin: .3rem 0 } .soft { color: var(--soft) } code, pre { font: 13px/1.45 ui-monospace, monospace }
.bar { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: center; padding: .6rem 0; background: var(--bg); border-bottom: 1px solid var(--line) }
.bar input[type=search] { flex: 1 1 16rem; padding: .35rem .6rem; font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 6px }
.bar label { white-space: nowrap }
.pass { color: var(--pass) } .fail { color: var(--fail) } .warn { color: var(--warn) } .inconclusive { color: var(--inconclusive) } .skip { color: var(--skip) }
details { border: 1px solid var(--line); border-radius: 6px; margin: .25rem 0; background: var(--panel); content-visibility: auto; contain-intrinsic-size: auto 2.3rem }
summary { padding: .35rem .7rem; cursor: pointer } summary b { display: inline-block; min-width: 7.2rem; font-weight: 600 }
input:focus-visible { outline: 2px solid #3b82f6; outline-offset: 1px }
summary:focus-visible { outline: 2px solid #3b82f6; outline-offset: -2px; border-radius: 6px }
.body { padding: 0 .9rem .8rem } dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .9rem; margin: .4rem 0 } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
table.exchange { width: 100%; border-collapse: collapse; table-layout: fixed } .exchange td { padding: .12rem .4rem; vertical-align: top; border-top: 1px solid var(--line) }
.exchange td:nth-child(1) { width: 6.5rem; text-align: right; color: var(--soft) } .exchange td:nth-child(2) { width: 8rem; overflow-wrap: anywhere } .exchange td:nth-child(3) { width: 7rem; white-space: nowrap }
.copy { overflow-x: auto; padding: .5rem .7rem; border: 1px solid var(--line); background: var(--bg) }
.exchange pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
.arrow { display: block; position: relative; height: 1.3em } .arrow::before { content: ''; position: absolute; top: .65em; left: 0; right: 0; border-top: 1.5px solid currentColor }
.arrow::after { content: ''; position: absolute; top: .36em; border: .3em solid transparent } .sent::after { right: -.2em; border-left-color: currentColor } .received::after { left: -.2em; border-right-color: currentColor }
.note::before { border-top-style: dotted } .note::after { display: none }
@media (max-width: 45rem) { summary b { min-width: 0; margin-right: .6rem } dl { display: block } dd { margin-bottom: .3rem }
  .exchange tr { display: grid; grid-template-columns: 5rem 1fr 5rem; border-top: 1px solid var(--line) } .exchange td { width: auto !important; border: 0 } .exchange td:nth-child(4) { grid-column: 1 / -1 } }
[hidden] { display: none !important }
`
