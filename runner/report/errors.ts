/** A report cannot be read, written or produced as requested. */
export class ReportError extends Error {
  override readonly name = 'ReportError'
}
