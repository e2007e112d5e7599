/**
 * Header fields in the order and with the spelling in which they stood on the wire
 * (RFC 9110 section 5: names are compared without regard to case).
 */
export class HeaderList {
  readonly fields: readonly (readonly [name: string, value: string])[]

  constructor(fields: readonly (readonly [string, string])[] = []) {
    this.fields = fields
  }

  /** Every value of `name`, one for each field line. */
  all(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value)
  }

  /** The values of `name` joined as RFC 9110 section 5.2 says, or undefined without any. */
  get(name: string): string | undefined {
    const values = this.all(name)
    return values.length === 0 ? undefined : values.join(', ')
  }

  has(name: string): boolean {
    return this.all(name).length > 0
  }

  /** The members of a comma-separated list, without blanks and empty members (RFC 9110 section 5.6.1). */
  list(name: string): string[] {
    return this.all(name)
      .flatMap((value) => value.split(','))
      .map((member) => member.trim())
      .filter((member) => member !== '')
  }

  /** The list without one field. */
  without(name: string): HeaderList {
    return new HeaderList(this.fields.filter(([field]) => field.toLowerCase() !== name.toLowerCase()))
  }

  toString(): string {
    return this.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  }
}
