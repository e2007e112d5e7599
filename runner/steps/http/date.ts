const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const two = (number: number): string => String(number).padStart(2, '0')

/** An HTTP date in one of the three forms that a server must read (RFC 9110 section 5.6.7); what is no date stays as it is. */
export function httpDate(value: string, form: string): string {
  const date = new Date(value)
  if (Number.isNaN(date.getTime()) || form === 'IMF-fixdate') return value
  const day = days[date.getUTCDay()] ?? ''
  const month = months[date.getUTCMonth()] ?? ''
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  const year = date.getUTCFullYear()
  if (form === 'RFC 850') return `${day}, ${two(date.getUTCDate())}-${month}-${two(year % 100)} ${time} GMT`
  return `${day.slice(0, 3)} ${month} ${String(date.getUTCDate()).padStart(2)} ${time} ${year}`
}
