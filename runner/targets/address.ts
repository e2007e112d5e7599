/** An address of the target. `http` is one that plain requests are answered on at once; `updates` is the WebSocket feed; `publish` takes updates. */
export type EndpointKind = 'http' | 'polling' | 'long-polling' | 'sse' | 'websocket' | 'updates' | 'publish'

/** A request to an endpoint, with the values of one instance in it. */
export interface Address {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | undefined
}
