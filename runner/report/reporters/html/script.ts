/** Filter, search, keyboard navigation and copying. The script hides, shows and selects elements; it inserts no text. */
export const script = `
const cases = [...document.querySelectorAll('details')]
const search = document.querySelector('input[type=search]')
const boxes = [...document.querySelectorAll('input[type=checkbox]')]
const count = document.querySelector('output')
const matches = (one, words) => words.every((word) => one.dataset.text.includes(word))
function apply() {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean)
  const wanted = new Set(boxes.filter((box) => box.checked).map((box) => box.value))
  let shown = 0
  for (const one of cases) { one.hidden = !(wanted.has(one.dataset.verdict) && matches(one, words)); if (!one.hidden) shown++ }
  for (const part of document.querySelectorAll('section')) part.hidden = !part.querySelector('details:not([hidden])')
  count.value = shown + ' of ' + cases.length
}
search.addEventListener('input', apply)
for (const box of boxes) box.addEventListener('change', apply)
document.addEventListener('keydown', (event) => {
  if (event.target === search) { if (event.key === 'Escape') { search.value = ''; apply(); search.blur() } return }
  if (event.key === '/') { event.preventDefault(); search.focus(); return }
  if (event.key !== 'j' && event.key !== 'k') return
  const shown = cases.filter((one) => !one.hidden).map((one) => one.firstElementChild)
  const at = shown.indexOf(document.activeElement)
  shown[Math.min(Math.max(at + (event.key === 'j' ? 1 : -1), 0), shown.length - 1)]?.focus()
})
document.addEventListener('click', ({ target }) => {
  const block = target.closest('h4 button') && target.closest('.body').querySelector('.copy')
  if (!block) return
  getSelection().selectAllChildren(block)
  navigator.clipboard?.writeText(block.textContent)
})
apply()
`
