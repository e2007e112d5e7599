const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const twoDigits = (number: number): string => String(number).padStart(2, '0')

/**
 * Writes an HTTP date in one of the three formats that a server must accept (RFC 9110 section 5.6.7). Text that is not
 * a date is returned unchanged.
 */
export function httpDate(value: string, form: string): string {
  const date = new Date(value)
  if (Number.isNaN(date.getTime()) || form === 'IMF-fixdate') return value
  const day = days[date.getUTCDay()] ?? ''
  const month = months[date.getUTCMonth()] ?? ''
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(':')
  const year = date.getUTCFullYear()
  if (form === 'RFC 850')
    return `${day}, ${twoDigits(date.getUTCDate())}-${month}-${twoDigits(year % 100)} ${time} GMT`
  return `${day.slice(0, 3)} ${month} ${String(date.getUTCDate()).padStart(2)} ${time} ${year}`
}
