import { Document, isCollection } from 'yaml'

/** A key and its value as one line of YAML: `key: { … }`. */
export function oneLineYaml(key: string, value: unknown): string {
  const document = new Document({ [key]: value })
  const node = document.get(key, true)
  if (isCollection(node)) node.flow = true
  return document.toString({ lineWidth: 0 }).trimEnd()
}
