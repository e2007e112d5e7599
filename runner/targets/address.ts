/** A kind of endpoint of the target. `http` responds to plain requests at once; `updates` is the WebSocket feed; `publish` takes updates. */
export type EndpointKind = 'http' | 'polling' | 'long-polling' | 'sse' | 'websocket' | 'updates' | 'publish'

/** A request to an endpoint, with the values of one instance filled in. */
export interface Address {
  readonly url: URL
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string | undefined
}
