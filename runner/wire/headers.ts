/**
 * Header fields with their order and spelling on the wire. Names are compared case-insensitively
 * (RFC 9110 section 5).
 */
export class HeaderList {
  readonly fields: readonly (readonly [name: string, value: string])[]

  constructor(fields: readonly (readonly [string, string])[] = []) {
    this.fields = fields
  }

  /** The value of each field line with this name. */
  all(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value)
  }

  /** The values of `name` joined with commas (RFC 9110 section 5.2); undefined if there are none. */
  get(name: string): string | undefined {
    const values = this.all(name)
    return values.length === 0 ? undefined : values.join(', ')
  }

  has(name: string): boolean {
    return this.all(name).length > 0
  }

  /** The members of a comma-separated list, without whitespace and empty members (RFC 9110 section 5.6.1). */
  list(name: string): string[] {
    return this.all(name)
      .flatMap((value) => value.split(','))
      .map((member) => member.trim())
      .filter((member) => member !== '')
  }

  /** All fields except `name`. */
  without(name: string): HeaderList {
    return new HeaderList(this.fields.filter(([field]) => field.toLowerCase() !== name.toLowerCase()))
  }

  toString(): string {
    return this.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  }
}
